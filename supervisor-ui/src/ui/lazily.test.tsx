import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { lazily } from "./lazily";

const Name = ({ name }: { name: string }) => <b>{name}</b>;

it("shows a part once it is there, and at once when it was fetched before", async () => {
  const { Part, preload } = lazily<{ name: string }>(() => Promise.resolve(Name));
  const first = render(<Part name="Ana" />);
  expect(first.container.textContent).toBe("");
  expect(await screen.findByText("Ana")).toBeTruthy();
  first.unmount();
  await act(async () => preload());
  expect(render(<Part name="Lena" />).container.textContent).toBe("Lena");
});

it("leaves the page as it is when a part can’t be fetched, and tries again when it is asked to", async () => {
  let online = false;
  const { Part, preload } = lazily<{ name: string }>(() =>
    online ? Promise.resolve(Name) : Promise.reject(new TypeError("Failed to fetch")),
  );
  await act(async () => preload());
  render(
    <main>
      <h1>Call</h1>
      <Part name="Ana" />
    </main>,
  );
  expect((await screen.findByRole("alert")).textContent).toContain("could not be loaded");
  expect(screen.getByText("Call")).toBeTruthy();
  online = true;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Ana")).toBeTruthy();
});
