import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { Colleague, conversation } from "../support/desk";
import { expect, test } from "../support/test";

const SECRET = "Pay it by hand, up to 150";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** Everything that the page receives by HTTP from the API. */
function bodies(page: Page): { all: string[]; settle(): Promise<void> } {
  const all: string[] = [];
  const reading: Promise<unknown>[] = [];
  page.on("response", (response) => {
    if (!response.url().includes("/api/")) return;
    all.push(JSON.stringify(response.headers()));
    reading.push(
      response.text().then(
        (text) => all.push(text),
        () => undefined,
      ),
    );
  });
  return { all, settle: async () => void (await Promise.all(reading)) };
}

test("a customer writes and is answered; who reads along and whispers stays unknown; who joins is named", async ({
  stage,
}) => {
  const { requester, agent } = await conversation(stage, "Daniel Ortiz");
  const { page, log } = requester;
  const http = bodies(page);
  await expect(page.getByRole("heading", { name: "Ana Duarte" })).toBeVisible();

  await requester.field.fill("Where is my refund?\nOrder 4711 🙂");
  await requester.field.press("Enter");
  await expect(log.getByText(/^(Sent|Delivered)$/)).toBeVisible();
  await agent.mark("delivered", 1);
  await expect(log.getByText("Delivered", { exact: true })).toBeVisible();
  expect(await agent.texts()).toEqual(["Where is my refund?\nOrder 4711 🙂"]);
  await agent.types();
  await expect(log.getByText("Ana Duarte is typing…")).toBeVisible();
  await agent.say("See https://shop.example/orders?id=1. <b>Soon</b>");
  await expect(log.getByText("Ana Duarte is typing…")).toBeHidden();
  const link = log.getByRole("link");
  await expect(link).toHaveAttribute("href", "https://shop.example/orders?id=1");
  await expect(link).toHaveAttribute("rel", /noopener noreferrer/);
  await expect(log.getByText("<b>Soon</b>")).toBeVisible();

  const sam = new Colleague(await stage.supervisor(), agent.conversation);
  const { body: me } = await sam.person.ask<{ id: string; name: string }>("GET", "/me");
  // What came before is told by now; from here on there must be nothing at all.
  await page.waitForTimeout(1000);
  const before = requester.told.length;
  const looked = await page.content();
  await sam.supervise("listen");
  await sam.supervise("whisper");
  await sam.say(SECRET, "private", [await sam.attach("limits.txt", SECRET)]);
  await sam.types(true, "private");
  await agent.say("Thank you", "private");
  await expect.poll(() => agent.texts()).toContain(SECRET);
  await page.waitForTimeout(1000);
  expect(requester.told.slice(before)).toEqual([]);
  expect(await page.content()).toBe(looked);

  await sam.supervise("barge");
  await expect(log.getByText("Sam Okafor has joined the conversation")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Ana Duarte and Sam Okafor" })).toBeVisible();
  await sam.say("I have just paid it out.");
  await expect(log.getByText("I have just paid it out.")).toBeVisible();
  await sam.supervise("whisper");
  await expect(log.getByText("Sam Okafor has left")).toBeVisible();
  await sam.say(`${SECRET} again`, "private");
  await requester.write("Thanks!");
  await page.reload();
  await expect(log.getByText("Thanks!")).toBeVisible();
  await expect(log.getByText("I have just paid it out.")).toBeVisible();

  await http.settle();
  const told = [...requester.told.slice(0, before), ...requester.told.slice(before), ...http.all].join("\n");
  expect(told).toContain("Where is my refund?");
  for (const word of [SECRET, "limits.txt", "Thank you", "whisper", "revision", '"mode"'])
    expect(told, word).not.toContain(word);
  // Until the Barge there was nobody of that name.
  for (const word of [me.name, `"${me.id}"`]) expect(requester.told.slice(0, before).join("\n")).not.toContain(word);
});

test("a lost connection loses and doubles nothing", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Nora Lind");
  const { page, log } = requester;
  await requester.write("one");
  await agent.say("two");
  await expect(log.getByText("two")).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText("Your connection is interrupted.")).toBeVisible();
  await requester.write("three");
  await requester.write("four");
  await expect(log.getByText("Sending…")).toHaveCount(2);
  for (const text of ["a", "b", "c"]) await agent.say(`lost ${text}`);
  await page.context().setOffline(false);
  await expect(page.getByText("Your connection is interrupted.")).toBeHidden();
  await expect(log.getByText("Sending…")).toHaveCount(0);
  await expect(log.getByText("lost c")).toBeVisible();
  const all = await agent.texts();
  expect([...all].toSorted()).toEqual(["four", "lost a", "lost b", "lost c", "one", "three", "two"]);
  expect(await requester.texts()).toEqual(all);
  expect(all.indexOf("three")).toBeLessThan(all.indexOf("four"));
});

test("an answer that is lost on its way doubles no message, and a reload goes on", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Ines Costa");
  const { page, log } = requester;
  let lost = 0;
  // The server has it; the page does not know, and neither the event stream nor the answer tells it.
  await page.route("**/messages", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    if (lost === 0) await route.fetch();
    lost += 1;
    await route.abort();
  });
  await requester.write("Is anybody there?");
  await expect.poll(() => agent.texts()).toEqual(["Is anybody there?"]);
  await requester.field.fill("half a sen");
  await page.reload();
  await page.unroute("**/messages");
  await expect(log.getByText("Is anybody there?")).toBeVisible();
  await expect(requester.field).toHaveValue("half a sen");
  await expect(log.getByText("Ana Duarte has joined the conversation")).toHaveCount(1);
  await agent.say("Yes, I am here.");
  await expect(log.getByText("Yes, I am here.")).toBeVisible();
  await expect(log.getByText("Sending…")).toHaveCount(0);
  expect(await requester.texts()).toEqual(["Is anybody there?", "Yes, I am here."]);
  expect(await agent.texts()).toEqual(["Is anybody there?", "Yes, I am here."]);
  await page.context().clearCookies();
  await page.reload();
  await expect(log.getByText("Yes, I am here.")).toBeVisible();
});

test("files go both ways; what is none of the kinds is refused", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Hana Sato");
  const { page, log } = requester;
  const choose = async (name: string, mimeType: string, buffer: Buffer) => {
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach a file" }).click();
    await (await chooser).setFiles({ name, mimeType, buffer });
  };
  await choose("label.png", "image/png", PNG);
  await expect(page.getByRole("button", { name: "Remove label.png" })).toBeVisible();
  await page.getByRole("button", { name: "Send" }).click();
  // Nothing is loaded before somebody wants to see it.
  const show = log.getByRole("button", { name: "Show picture label.png" });
  await expect(show).toBeVisible();
  await expect(log.locator("img")).toHaveCount(0);
  await show.click();
  await expect(log.getByRole("link", { name: "Open label.png" }).locator("img")).toBeVisible();
  expect(await log.locator("img").evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBe(
    1,
  );

  await choose("invoice.pdf", "application/pdf", Buffer.from("MZ\x90\x00 no document"));
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
  await page.getByRole("button", { name: "Remove invoice.pdf" }).click();

  await agent.say("Here is the form", "public", [await agent.attach("Return form.txt", "Name:\n")]);
  const download = page.waitForEvent("download");
  await log.getByRole("button", { name: "Download Return form.txt" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe("Return form.txt");
  expect(await readFile(await saved.path(), "utf8")).toBe("Name:\n");
});

test("transferred, ended, with a transcript and a new chat", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Marek Novák");
  const { page, log } = requester;
  await requester.write("I would like to buy another one.");
  await agent.say("Internal note", "private");
  const { body: list } = await agent.person.ask<{ queues: { key: string; name: string }[] }>("GET", "/destinations");
  expect(list.queues.map(({ name }) => name)).toContain("Sales");
  expect((await agent.ask("POST", "transfer", { to: { queue: "sales" } })).status).toBe(201);
  await expect(log.getByText("Your request is being transferred to Sales, please wait!")).toBeVisible();
  await expect(log.getByText("Ana Duarte has left")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Finding someone for you" })).toBeVisible();

  const omar = await stage.agent("agent5");
  await omar.getReady();
  const sales = new Colleague(omar, agent.conversation);
  await sales.accept();
  await expect(log.getByText(/has joined the conversation$/)).toHaveCount(2);
  await sales.say("Gladly.");
  await expect(log.getByText("Gladly.")).toBeVisible();

  await page.getByRole("button", { name: "End chat" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep chatting" }).click();
  await page.getByRole("button", { name: "End chat" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End chat" }).click();
  await expect(page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
  await expect(log.getByText("The conversation has ended")).toBeVisible();

  for (const [choice, ending] of [
    ["As text", ".txt"],
    ["As JSON", ".json"],
  ] as const) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download transcript" }).click();
    await page.getByRole("menuitem", { name: choice }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(new RegExp(`^chat-.*\\${ending}$`));
    const text = await readFile(await saved.path(), "utf8");
    expect(text).toContain("I would like to buy another one.");
    expect(text).toContain("Ana Duarte");
    expect(text).not.toContain("Internal note");
  }
  await page.reload();
  await expect(page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
  await expect(log.getByText("Gladly.")).toBeVisible();
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await expect(page.getByLabel("Your name")).toHaveValue("Marek Novák");
  await requester.start("Marek Novák");
  await expect(log.getByText("Gladly.")).toHaveCount(0);
  await requester.end();
});

test("the chat, from the form to the end, is accessible", async ({ stage }) => {
  test.setTimeout(240_000);
  const visitor = await stage.requester();
  await expect(visitor.page.getByRole("button", { name: "Start chat" })).toBeEnabled();
  await expectAccessibleInBoth(visitor.page, "chat, form");
  const { requester, agent } = await conversation(stage, "Emma Lindqvist");
  const { page, log } = requester;
  await requester.write("Which label do I print?");
  await agent.say("This one: https://shop.example/label", "public", [await agent.attach("label.txt", "label")]);
  await agent.types();
  await expect(log.getByRole("link")).toBeVisible();
  await expectAccessibleInBoth(page, "chat, talking");
  await page.getByRole("button", { name: "End chat" }).click();
  await expectAccessible(page, "chat, asked whether to end it");
  await page.getByRole("alertdialog").getByRole("button", { name: "End chat" }).click();
  await expect(page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
  await expectAccessible(page, "chat, over");
});

test("on a phone everything is in reach, in Japanese, too", async ({ stage }) => {
  const requester = await stage.requester({
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
    locale: "ja-JP",
    reducedMotion: "reduce",
  });
  const { page } = requester;
  await page.getByLabel("お名前").fill("佐藤花");
  await page.getByRole("button", { name: "チャットを始める" }).click();
  await expect(page.getByRole("heading", { name: "担当者におつなぎしています" })).toBeVisible();
  await page.getByRole("textbox", { name: "メッセージを入力" }).fill("返金はいつですか。".repeat(30));
  await page.getByRole("button", { name: "送信" }).click();
  await expect(page.getByText("送信済み")).toBeVisible();
  await expect(page.getByRole("button", { name: "送信" })).toBeInViewport();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await expectAccessible(page, "chat on a phone, waiting");
  await page.getByRole("button", { name: "チャットを終了" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "終了する" }).click();
  await expect(page.getByRole("heading", { name: "チャットは終了しました" })).toBeVisible();
});

test("a chat beside a call", async ({ stage }) => {
  const { caller, agent } = await stage.call("Olivia Grant");
  const { page } = caller;
  await page.getByRole("button", { name: "Chat" }).click();
  const field = page.getByRole("textbox", { name: "Write a message" });
  await field.fill("My order number is 4711");
  await field.press("Enter");
  const log = page.getByRole("log");
  await expect(log.getByText(/^(Sent|Delivered)$/)).toBeVisible();
  const { body } = await agent.ask<{ conversations: { id: string; channel: string }[] }>("GET", "/conversations");
  const beside = body.conversations.find(({ channel }) => channel === "voice");
  const ana = new Colleague(agent, beside?.id ?? "");
  expect(await ana.texts()).toEqual(["My order number is 4711"]);
  await page.getByRole("button", { name: "Close the chat" }).click();
  await ana.say("I have found it.");
  await page.getByRole("button", { name: "Chat (1 new)" }).click();
  await expect(log.getByText("I have found it.")).toBeVisible();

  const sam = new Colleague(await stage.supervisor(), ana.conversation);
  await page.waitForTimeout(1000);
  const before = caller.told.length;
  await sam.supervise("listen");
  await sam.supervise("whisper");
  await sam.say(SECRET, "private");
  await expect.poll(() => ana.texts()).toContain(SECRET);
  await page.waitForTimeout(1000);
  expect(caller.told.slice(before)).toEqual([]);
  await sam.supervise("barge");
  await expect(log.getByText("Sam Okafor has joined the conversation")).toBeVisible();
  expect(caller.told.join("\n")).not.toContain(SECRET);
  await expectAccessible(page, "a call with its chat");
  await agent.hangUp();
  await expect(page.getByRole("heading", { name: "Call ended" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Download transcript" })).toBeVisible();
});

test("a server that fails in the middle loses nothing of what it had taken", async ({ stage, server }) => {
  const { requester, agent } = await conversation(stage, "Tom Becker");
  const { page, log } = requester;
  await requester.write("before");
  await agent.say("I am looking into it.");
  await expect(log.getByText("I am looking into it.")).toBeVisible();
  await expect(log.getByText("Sending…")).toHaveCount(0);
  await server.restart(async () => {
    await expect(page.getByText("Your connection is interrupted.")).toBeVisible();
    await requester.write("meanwhile");
  });
  await expect(page.getByText("Your connection is interrupted.")).toBeHidden();
  await expect(log.getByText("Sending…")).toHaveCount(0);
  await expect.poll(() => agent.texts()).toEqual(["before", "I am looking into it.", "meanwhile"]);
  expect(await requester.texts()).toEqual(["before", "I am looking into it.", "meanwhile"]);
  await agent.say("Here again.");
  await expect(log.getByText("Here again.")).toBeVisible();
});

test("whoever works here and tries the chat stays signed in", async ({ stage }) => {
  const agent = await stage.agent("agent2");
  const chat = await agent.page.context().newPage();
  await chat.goto("/chat");
  await chat.getByLabel("Your name").fill("Luis");
  await chat.getByRole("button", { name: "Start chat" }).click();
  await expect(chat.getByRole("heading", { name: "Finding someone for you" })).toBeVisible();
  expect((await agent.ask<{ username: string }>("GET", "/me")).body.username).toBe("agent2");
  await chat.getByRole("button", { name: "End chat" }).click();
  await chat.getByRole("alertdialog").getByRole("button", { name: "End chat" }).click();
  await expect(chat.getByRole("heading", { name: "Chat ended" })).toBeVisible();
});
