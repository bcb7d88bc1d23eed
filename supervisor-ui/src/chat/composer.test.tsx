import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createEvent, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TextApi } from "../api/text";
import { TextContext } from "../live/hooks";
import type { TextLink } from "../live/text/link";
import { ANA, aConversation, MEI } from "../testing/text";
import type { Visibility } from "../wire/generated";
import { Composer } from "./Composer";
import { drafts } from "../live/text/drafts";

function show(id: string, may = { write_public: true, write_private: true, transcript: false }) {
  const link = { send: vi.fn(), typing: { typed: vi.fn(), stop: vi.fn() } };
  const api = {
    tag: vi.fn(async () => undefined),
    colleagues: async () => [MEI],
    replies: async () => [{ id: "r1", title: "Refund", text: "Your refund is on its way." }],
  };
  const onHelp = vi.fn();
  function Page() {
    const [tab, setTab] = useState<Visibility>("public");
    return <Composer view={aConversation(id, { may })} me={ANA.user} tab={tab} onTab={setTab} onHelp={onHelp} />;
  }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TextContext value={{ api: api as unknown as TextApi, link: link as unknown as TextLink }}>
        <Page />
      </TextContext>
    </QueryClientProvider>,
  );
  return { link, api, onHelp, user: userEvent.setup() };
}

const publicField = () => screen.getByRole("textbox", { name: "Message to Daniel" });
const privateField = () => screen.getByRole("textbox", { name: "Private message, staff only" });

beforeEach(() => sessionStorage.clear());

describe("the composer", () => {
  it("sends from the tab that is in sight, by Enter; Shift+Enter is a new line", async () => {
    const { link, user } = show("a1");
    await user.type(publicField(), "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(link.send).toHaveBeenCalledWith("a1", { text: "one\ntwo", visibility: "public", attachments: [] });
    expect(publicField()).toHaveProperty("value", "");
    await user.click(screen.getByRole("tab", { name: "Private" }));
    await user.type(privateField(), "between us{Enter}");
    expect(link.send).toHaveBeenLastCalledWith("a1", { text: "between us", visibility: "private", attachments: [] });
  });

  it("keeps a draft in its tab, says so on the other, and never shows it there", async () => {
    const { user } = show("a2");
    await user.type(publicField(), "half");
    await user.click(screen.getByRole("tab", { name: "Private" }));
    expect(privateField()).toHaveProperty("value", "");
    expect(screen.getByRole("tab", { name: "Public · draft" })).toBeTruthy();
    await user.click(screen.getByRole("tab", { name: "Public · draft" }));
    expect(publicField()).toHaveProperty("value", "half");
  });

  it("tells of typing in public, never in private, nor of a command", async () => {
    const { link, user } = show("a3");
    await user.type(publicField(), "/help x");
    expect(link.typing.typed).not.toHaveBeenCalled();
    await user.clear(publicField());
    await user.type(publicField(), "h");
    expect(link.typing.typed).toHaveBeenCalledTimes(1);
    await user.click(screen.getByRole("tab", { name: "Private" }));
    await user.type(privateField(), "secret");
    expect(link.typing.typed).toHaveBeenCalledTimes(1);
    expect(screen.getByText("Others can’t see you typing")).toBeTruthy();
    expect(screen.getByText("Message only visible internally")).toBeTruthy();
    expect(privateField()).toHaveProperty("placeholder", "Write to staff only…");
  });

  it("makes /help a request and never a message", async () => {
    const { link, onHelp, user } = show("a4");
    await user.type(publicField(), "/help Refund is stuck{Enter}");
    expect(onHelp).toHaveBeenCalledWith("Refund is stuck");
    expect(link.send).not.toHaveBeenCalled();
    expect(drafts.get("a4", "public").text).toBe("");
  });

  it("does not send with the Enter that ends a Japanese composition", () => {
    const { link } = show("a5");
    const field = publicField();
    fireEvent.change(field, { target: { value: "返金" } });
    fireEvent(field, createEvent.keyDown(field, { key: "Enter", isComposing: true }));
    fireEvent(field, createEvent.keyDown(field, { key: "Enter", keyCode: 229 }));
    expect(link.send).not.toHaveBeenCalled();
    fireEvent.keyDown(field, { key: "Enter" });
    expect(link.send).toHaveBeenCalledOnce();
  });

  it("lists colleagues at @ and brings in who is named when it is sent", async () => {
    const { api, link, user } = show("a6");
    await user.click(screen.getByRole("tab", { name: "Private" }));
    await user.type(privateField(), "ask @");
    expect(await screen.findByRole("option", { name: "Mei Tanabe" })).toBeTruthy();
    await user.keyboard("{Enter}");
    expect(privateField()).toHaveProperty("value", "ask @Mei Tanabe ");
    expect(api.tag).not.toHaveBeenCalled();
    await user.keyboard("please{Enter}");
    expect(api.tag).toHaveBeenCalledWith("a6", "mei");
    expect(link.send).toHaveBeenCalledOnce();
  });

  it("puts a reply in at /", async () => {
    const { user } = show("a7");
    await user.type(publicField(), "/ref");
    await user.click(await screen.findByRole("option", { name: /Refund/ }));
    expect(publicField()).toHaveProperty("value", "Your refund is on its way.");
  });

  it("puts a reply in by its button, behind what is written already, and sends nothing", async () => {
    const { link, user } = show("a9");
    await user.type(publicField(), "Hello!");
    await user.click(screen.getByRole("button", { name: "Canned replies" }));
    await user.click(await screen.findByRole("option", { name: /Refund/ }));
    expect(publicField()).toHaveProperty("value", "Hello! Your refund is on its way.");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(link.send).not.toHaveBeenCalled();
  });

  it("has no field where writing is not allowed", async () => {
    const { user } = show("a8", { write_public: false, write_private: true, transcript: false });
    expect(screen.queryByRole("textbox")).toBeNull();
    await user.click(screen.getByRole("tab", { name: "Private" }));
    expect(privateField()).toBeTruthy();
  });
});
