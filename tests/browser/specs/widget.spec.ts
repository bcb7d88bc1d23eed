import { createServer, type Server as Site } from "node:http";
import type { AddressInfo } from "node:net";
import type { FrameLocator, Page } from "@playwright/test";
import { expectAccessible } from "../support/axe";
import { Colleague } from "../support/desk";
import { Server } from "../support/server";
import { expect, test as base } from "../support/test";

/** A site of another origin: it knows of us by one script tag, and its own policy is strict. */
class Shop {
  server = "";
  private readonly http: Site = createServer(({ url }, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.setHeader(
      "Content-Security-Policy",
      `default-src 'none'; script-src ${this.server}; frame-src ${this.server}`,
    );
    const more = { "/ja": `data-lang="ja"`, "/again": `data-remember="true"` }[url ?? ""] ?? "";
    response.end(`<!doctype html><html lang="en"><head><title>Shop</title>
      <meta name="viewport" content="width=device-width">
      <script src="${this.server}/widget.js" data-queue="support" data-name="Nora" ${more} async></script></head>
      <body><main><h1>Shop</h1><a href="/next">Next page</a></main></body></html>`);
  });

  get url(): string {
    return `http://localhost:${(this.http.address() as AddressInfo).port}`;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.http.listen(0, "localhost", resolve));
  }

  close(): void {
    this.http.closeAllConnections();
    this.http.close();
  }
}

/** `shop` may embed the chat of `server`, `stranger` may not. */
const test = base.extend<object, { shop: Shop; stranger: Shop }>({
  // Playwright switches off what every browser has: storage of a frame's own for each site around it.
  switches: [["--disable-features=MediaRouter"], { scope: "worker" }],
  shop: [async ({}, use) => during(new Shop(), use), { scope: "worker" }],
  stranger: [async ({}, use) => during(new Shop(), use), { scope: "worker" }],
  server: [
    async ({ shop, stranger }, use) => {
      const server = await Server.start(0, [`widget.allowed_origins=["${shop.url}"]`]);
      shop.server = stranger.server = server.url;
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

async function during(shop: Shop, use: (shop: Shop) => Promise<void>): Promise<void> {
  await shop.open();
  await use(shop);
  shop.close();
}

const inFrame = (page: Page): FrameLocator => page.frameLocator("iframe");

test("a chat in another site's page: by keyboard, over pages, with what is new counted", async ({
  stage,
  server,
  shop,
}) => {
  const visitor = await stage.visitor({ baseURL: shop.url });
  const { page } = visitor;
  await page.goto("/");
  await expect(page.locator("iframe")).toHaveCount(0);
  const button = page.getByRole("button", { name: "Chat with us" });
  await button.focus();
  await page.keyboard.press("Enter");
  const chat = inFrame(page);
  await expect(page.getByRole("button", { name: "Close the chat" })).toHaveAttribute("aria-expanded", "true");
  await expect(chat.getByLabel("Your name")).toHaveValue("Nora");
  await expect(chat.getByLabel("Your name")).toBeFocused();
  await expect(chat.getByLabel("What is it about?")).toHaveValue("support");
  await page.keyboard.press("Enter");
  await expect(chat.getByRole("heading", { name: "Finding someone for you" })).toBeVisible();
  await chat.getByRole("textbox", { name: "Write a message" }).fill("Hello from the shop");
  await page.keyboard.press("Enter");
  await expect(chat.getByText(/^(Sent|Delivered)$/)).toBeVisible();

  const agent = await stage.agent("agent1");
  await agent.getReady();
  const frame = page.frames().find((it) => it.url().startsWith(server.url));
  const id = await frame?.evaluate(
    () => (JSON.parse(sessionStorage.getItem("sotto.chat") ?? "") as { view: { id: string } }).view.id,
  );
  const ana = new Colleague(agent, id ?? "");
  await ana.accept();
  await ana.say("Hello, Nora.");
  await expect(chat.getByText("Hello, Nora.")).toBeVisible();

  await chat.getByRole("textbox", { name: "Write a message" }).press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(button).toBeFocused();
  await ana.say("Are you there?");
  await expect(page.getByRole("status")).toHaveText("1 new message");
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByRole("status")).toHaveText("1 new message");
  await button.click();
  await expect(chat.getByText("Are you there?")).toBeVisible();
  await expect(page.getByRole("status")).toBeEmpty();
  await expect(chat.getByRole("textbox", { name: "Write a message" })).toBeFocused();
  expect(await page.context().cookies()).toEqual([]);
});

test("on a phone the chat has the whole screen; in the language of the site", async ({ stage, shop }) => {
  const { page } = await stage.visitor({
    baseURL: shop.url,
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  });
  await page.goto("/ja");
  await page.getByRole("button", { name: "チャットで相談" }).click();
  await expect(inFrame(page).getByLabel("お名前")).toBeVisible();
  expect(await page.getByRole("dialog").boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 });
  await expectAccessible(page, "the widget, open");
  await inFrame(page).getByRole("button", { name: "チャットを閉じる" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expectAccessible(page, "the widget, closed");
});

test("a site that is not named shows nothing of it", async ({ stage, server, stranger }) => {
  const { page } = await stage.visitor({ baseURL: stranger.url });
  const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
  await page.goto("/");
  await page.getByRole("button", { name: "Chat with us" }).click();
  await refused;
  await expect(inFrame(page).getByLabel("Your name")).toHaveCount(0);
  await page.setContent(`<iframe title="Chat" src="${server.url}/supervisor?embed=1"></iframe>`);
  await expect(inFrame(page).locator("#root")).toHaveCount(0);
});

test("where the site wants it, staff find a browser’s earlier chats", async ({ stage, shop }) => {
  test.setTimeout(120_000);
  const agent = await stage.agent("agent1");
  await agent.getReady();
  const desk = agent.page;
  const { page } = await stage.visitor({ baseURL: shop.url });
  await page.goto("/again");
  await page.getByRole("button", { name: "Chat with us" }).click();
  const chat = inFrame(page);
  for (const earlier of [0, 1]) {
    await chat.getByLabel("In a few words").fill(earlier === 0 ? "Too small" : "Still too small");
    await chat.getByRole("button", { name: "Start chat" }).click();
    await desk.getByRole("region", { name: "New conversation: Chat" }).getByRole("button", { name: "Accept" }).click();
    await expect(chat.getByText("Ana Duarte has joined the conversation")).toBeVisible();
    if (earlier > 0) {
      await desk.getByText("Other contacts: 1").click();
      await expect(desk.getByText("Found by the customer’s browser")).toBeVisible();
      await expect(desk.getByRole("link", { name: /Too small/ })).toBeVisible();
    } else {
      await expect(desk.getByText(/^Other contacts/)).toHaveCount(0);
    }
    await desk.getByRole("button", { name: "End", exact: true }).click();
    await chat.getByRole("button", { name: "Start a new chat" }).click();
  }
});
