import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import type { MessageView } from "../wire/generated";
import { MessageBubble } from "./Bubbles";

const MESSAGE: MessageView = {
  number: 1,
  public: 1,
  author: { user: "u1", name: "Noor" },
  part: "requester",
  at: 0,
  text: "Look",
  attachments: [
    { id: "a1", name: "label.png", media_type: "image/png", size_bytes: 4096 },
    { id: "a2", name: "scan.heic", media_type: "image/heic", size_bytes: 4096 },
  ],
};

afterEach(cleanup);

it("a picture is fetched once somebody wants to see it, and no other with it", async () => {
  const second = {
    ...MESSAGE,
    attachments: [...MESSAGE.attachments, { ...MESSAGE.attachments[0], id: "a3", name: "b.png" }],
  };
  render(
    <MessageBubble
      message={second as MessageView}
      own={false}
      out={false}
      delivery={null}
      attachmentHref={({ id }) => `/files/${id}`}
    />,
  );
  expect(document.querySelectorAll("img")).toHaveLength(0);
  await userEvent.click(screen.getByRole("button", { name: "Show picture label.png" }));
  expect([...document.querySelectorAll("img")].map((it) => it.getAttribute("src"))).toEqual(["/files/a1"]);
  expect(screen.getByRole("img", { name: "Picture label.png" })).toBeTruthy();
  // What browsers do not show is a file.
  expect(screen.getByRole("link", { name: /^Download scan\.heic/ })).toBeTruthy();
});
