import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/http";
import type { AttachmentView } from "../wire/generated";
import { Drafts } from "../live/text/drafts";
import { FILE_BYTES_MAX, refused, Uploads } from "./uploads";

const file = new File(["abc"], "a.png", { type: "image/png" });
const kept: AttachmentView = { id: "f1", name: "a.png", media_type: "image/png", size_bytes: 3 };

function upload() {
  const drafts = new Drafts();
  const uploads = new Uploads(drafts);
  let resolve: (attachment: AttachmentView) => void = () => undefined;
  let reject: (error: ApiError) => void = () => undefined;
  const promise = new Promise<AttachmentView>((kept, refused) => ([resolve, reject] = [kept, refused]));
  const cancel = vi.fn(() => reject(new ApiError("cancelled", 0, "")));
  let progress: (done: number) => void = () => undefined;
  uploads.start({ attach: (_id, _file, tell) => ((progress = tell), { done: promise, cancel }) }, "a", "private", file);
  return {
    drafts,
    uploads,
    resolve,
    reject,
    cancel,
    progress: (done: number) => progress(done),
    now: () => uploads.of("a", "private")[0],
  };
}

beforeEach(() => sessionStorage.clear());

describe("an upload", () => {
  it("tells how far it got and joins the draft of its own tab", async () => {
    const { drafts, progress, resolve, now } = upload();
    progress(0.4);
    expect(now()).toMatchObject({ name: "a.png", done: 0.4, failed: null });
    resolve(kept);
    await vi.waitFor(() => expect(drafts.get("a", "private").attachments).toEqual([kept]));
    expect(now()).toBeUndefined();
    expect(drafts.get("a", "public").attachments).toEqual([]);
  });

  it("that is refused stays with the server's words; one that was cancelled is gone", async () => {
    const first = upload();
    first.reject(new ApiError("/problems/attachment", 415, "This is no picture."));
    await vi.waitFor(() => expect(first.now()?.failed).toBe("This is no picture."));
    const second = upload();
    second.now()?.cancel();
    await vi.waitFor(() => expect(second.now()).toBeUndefined());
    expect(second.cancel).toHaveBeenCalledOnce();
  });

  it("is not even tried when it can't do", () => {
    expect(refused({ size: FILE_BYTES_MAX + 1 }, 0)).toBe("tooBig");
    expect(refused({ size: 0 }, 0)).toBe("empty");
    // A list that Windows gives Excel's type is judged by the server, like all others.
    expect(refused({ size: 9 }, 0)).toBeNull();
    expect(refused({ size: 9 }, 9)).toBeNull();
    expect(refused({ size: 9 }, 10)).toBe("tooMany");
  });
});
