import type { Locator, Page } from "@playwright/test";
import { Chat } from "../support/chat";
import { expect, test } from "../support/test";

/** What a browser's translation does to a page: every text that may be translated gets an element of its own. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const wrap = (node: Node) => {
      if (node instanceof Text) {
        const within = node.parentElement?.closest("[translate]")?.getAttribute("translate");
        if (node.data.trim() === "" || within === "no" || node.parentElement?.closest("font")) return;
        const font = document.createElement("font");
        node.replaceWith(font);
        font.append(node.data);
      } else for (const child of Array.from(node.childNodes)) wrap(child);
    };
    wrap(document.body);
    new MutationObserver((changes) => {
      for (const { addedNodes, target } of changes) [...addedNodes, target].forEach(wrap);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** Files and texts as a browser hands them over when they are pasted or dropped. */
async function hand(target: Locator, event: "paste" | "drop", what: { files: number; texts?: Record<string, string> }) {
  await target.evaluate(
    (element, [type, files, texts]) => {
      const data = new DataTransfer();
      for (let index = 0; index < files; index += 1) {
        data.items.add(new File([`file ${index}`], `note ${index + 1}.txt`, { type: "text/plain" }));
      }
      for (const [kind, text] of Object.entries(texts)) data.setData(kind, text);
      const init = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        type === "paste"
          ? new ClipboardEvent("paste", { ...init, clipboardData: data })
          : new DragEvent("drop", { ...init, dataTransfer: data }),
      );
    },
    [event, what.files, what.texts ?? {}] as const,
  );
}

test("a page that the browser translates goes on working", async ({ stage }) => {
  const agent = await stage.agent();
  await agent.getReady();
  const supervisor = await stage.supervisor();
  const customer = await stage.requester();
  for (const { page } of [agent, supervisor, customer]) await translate(page);
  await customer.start("Lena Brandt");
  await agent.page.getByRole("button", { name: "Accept" }).click();
  const chat = new Chat(agent.page, "Lena Brandt");
  await chat.write("Public", "Guten Tag, see https://a.example/x for more");
  await expect(customer.log.getByText("Guten Tag")).toBeVisible();
  await customer.write("Danke!");
  await chat.write("Private", "Needs a supervisor");
  await chat.write("Public", "One moment please");
  await expect(customer.log.getByText("One moment please")).toBeVisible();
  await supervisor.row("Lena Brandt").click();
  await supervisor.page.keyboard.press("l");
  await expect(supervisor.statement).toHaveText(/Reading along – nobody sees you/);
  await expect(supervisor.page.getByRole("log").getByText("Needs a supervisor")).toBeVisible();
  await customer.end();
  for (const { page } of [agent, supervisor, customer]) {
    await expect(page.getByText("Something went wrong")).toHaveCount(0);
  }
});

test("input methods, pasted cells, dropped files: nothing is sent by chance and nothing is lost", async ({ stage }) => {
  const customer = await stage.requester();
  await customer.start("佐藤 花子");
  // Safari ends the composition first, and tells of Enter after it, by its code alone.
  await customer.field.fill("にほん");
  await customer.field.evaluate((field) => {
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    Object.defineProperty(enter, "keyCode", { value: 229 });
    field.dispatchEvent(enter);
  });
  await customer.page.waitForTimeout(300);
  await expect(customer.field).toHaveValue("にほん");
  await customer.field.press("Enter");
  await expect(customer.log.getByText("にほん")).toBeVisible();

  // Cells come with a picture of themselves, and are text all the same.
  await hand(customer.field, "paste", { files: 1, texts: { "text/plain": "A1\tB1", "text/html": "<table></table>" } });
  await expect(customer.page.getByRole("button", { name: /^Remove note/ })).toHaveCount(0);

  // Beside the field: the page is not left, and the file is attached.
  await hand(customer.log, "drop", { files: 1 });
  await expect(customer.page.getByRole("button", { name: "Remove note 1.txt" })).toBeVisible();
  await hand(customer.log, "drop", { files: 11 });
  await expect(
    customer.page.getByText("At most 10 files can go with one message. Left out: note 10.txt, note 11.txt"),
  ).toBeVisible();
  await expect(customer.page.getByRole("button", { name: /^Remove note/ })).toHaveCount(10);
  await customer.page.reload();
  await customer.end();
});
