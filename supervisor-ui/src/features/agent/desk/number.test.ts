import { expect, test } from "vitest";
import { mayBeNumber } from "./number";

test("numbers are international, or service codes", () => {
  for (const number of ["+49 (30) 123-456.7", "+12025550143", "*21#", "*100"])
    expect(mayBeNumber(number), number).toBe(true);
  for (const none of ["", "030 123456", "0049301234", "112", "+0301234", "+49", "sip:a@b", "+49a301234", "*"])
    expect(mayBeNumber(none), none).toBe(false);
});
