import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { conversation } from "../support/desk";
import { expect, test } from "../support/test";

const ANGRY = "This is terrible. I am really angry, it is the worst service ever!";
const PLAIN = "The order number is 4711.";
const HAPPY = "Thank you so much, this is wonderful. I love it, you are great!";

test("the moods of running conversations: explained, and sorted by", async ({ stage }) => {
  test.setTimeout(240_000);
  const { requester: plain, agent } = await conversation(stage, "Petra Plain");
  const ana = agent.person.page;
  const angry = await stage.requester();
  await angry.start("Anton Angry");
  const happy = await stage.requester();
  await happy.start("Hera Happy");
  for (const name of ["Anton Angry", "Hera Happy"]) {
    const offer = ana.getByRole("region", { name: "New conversation: Chat" }).filter({ hasText: name });
    await offer.getByRole("button", { name: "Accept" }).click();
    await expect(ana.getByRole("heading", { name })).toBeVisible();
  }
  await angry.write(ANGRY);
  await plain.write(PLAIN);
  await happy.write(HAPPY);

  const sam = await stage.supervisor();
  const { page, table } = sam;
  const mood = (name: string, word: RegExp) => sam.row(name).getByRole("button", { name: word });
  await expect(mood("Anton Angry", /^Upset/)).toBeVisible();
  await expect(mood("Petra Plain", /^Neutral/)).toBeVisible();
  await expect(mood("Hera Happy", /^Calm/)).toBeVisible();

  // What it is, for the pointer and for the keyboard.
  const tip = page.getByRole("tooltip");
  await mood("Anton Angry", /^Upset/).hover();
  await expect(tip).toHaveText(
    /^An indicator, from the wording of the customer’s last messages.*not a judgement of a person$/,
  );
  await expect(mood("Anton Angry", /^Upset/)).toHaveAccessibleDescription(/not a judgement of a person$/);
  await expectAccessible(page, "what a mood is");
  await page.mouse.move(700, 895);
  await expect(tip).toHaveCount(0);
  await sam.row("Anton Angry").focus();
  await page.keyboard.press("Tab");
  await expect(mood("Anton Angry", /^Upset/)).toBeFocused();
  await expect(tip).toHaveText(/not a judgement of a person$/);
  await page.keyboard.press("Escape");
  await expect(tip).toHaveCount(0);

  // By the mouse the worst comes first, then the best.
  const heading = table.getByRole("columnheader", { name: "Mood" });
  const sorts = heading.getByRole("button", { name: "Mood" });
  const order = (...names: string[]) =>
    expect
      .poll(() =>
        table
          .locator("tr[data-kind=chat]")
          .filter({ hasText: /Anton|Petra|Hera/ })
          .locator("b")
          .allTextContents(),
      )
      .toEqual(names);
  await expect(heading).toHaveAttribute("aria-sort", "none");
  await order("Petra Plain", "Anton Angry", "Hera Happy");
  await sorts.click();
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  await order("Anton Angry", "Petra Plain", "Hera Happy");
  await sorts.click();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await order("Hera Happy", "Petra Plain", "Anton Angry");
  await page.mouse.move(700, 895);
  await expectAccessibleInBoth(page, "sorted by mood");

  // By the keys the same, and the heading says what it sorts by.
  await table.getByRole("columnheader", { name: "Caller" }).getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(heading).toHaveAttribute("aria-sort", "none");
  await order("Anton Angry", "Hera Happy", "Petra Plain");
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("Tab");
  await expect(sorts).toBeFocused();
  await expect(tip).toHaveText(/^How the customer seems.*not a judgement of a person$/);
  await page.keyboard.press("Enter");
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  await order("Anton Angry", "Petra Plain", "Hera Happy");
  await page.keyboard.press("Space");
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await order("Hera Happy", "Petra Plain", "Anton Angry");

  // Who calms down moves, and the trend says so.
  await angry.write("Oh, wonderful! Thank you, that is great, I am so happy now. I love it!");
  await angry.write("Perfect, thank you very much, you are the best!");
  await expect(mood("Anton Angry", /getting better$/)).toBeVisible();
  await happy.write("No! This is awful, I hate it, it is broken and horrible.");
  await happy.write("Terrible, terrible service. I am furious!");
  await happy.write("You are useless, this is a disaster.");
  await expect(mood("Hera Happy", /^(Tense|Upset)/)).toBeVisible();
  await order("Anton Angry", "Petra Plain", "Hera Happy");
  for (const requester of [plain, angry, happy]) await requester.end();
});
