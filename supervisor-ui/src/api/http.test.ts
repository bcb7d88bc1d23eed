import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "./client";
import { setLanguage } from "../i18n";
import { type ApiError, onSignedOut } from "./http";
import "../session/problems";

const UNREADABLE = "The server gave an answer that this page doesn’t understand. Reload the page.";

const report = vi.fn();
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  report.mockClear();
  vi.stubGlobal("reportError", report);
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => vi.unstubAllGlobals());

const answers = (status: number, body: string, type = "application/json") =>
  fetched.mockResolvedValueOnce(new Response(body, { status, headers: { "Content-Type": type } }));

const refusal = () =>
  new Api().listen("a", { station: "s" }).then(
    () => null,
    (error: ApiError) => ({ kind: error.kind, status: error.status, message: error.message }),
  );

describe("the REST client", () => {
  it("yields an answer that is what was agreed on", async () => {
    answers(201, '{"leg":"l","mode":"listen","revision":3}');
    expect(await new Api().listen("a", { station: "s" })).toEqual({ leg: "l", mode: "listen", revision: 3 });
  });

  it("refuses any other one, and reports it", async () => {
    for (const body of ["", "<html>", "{}", '{"leg":7}']) {
      answers(200, body);
      const said = { kind: "unexpected", status: 200, message: UNREADABLE };
      expect(await refusal(), body).toEqual(said);
    }
    expect(report).toHaveBeenCalledTimes(4);
  });

  it("gives a refusal in the reader's words, and the server's own where they say more", async () => {
    const refuse = (type: string, detail: string) =>
      answers(409, JSON.stringify({ type, title: "", status: 409, detail }), "application/problem+json; charset=utf-8");
    refuse("/problems/call-refused", "Ana has hung up.");
    expect(await refusal()).toEqual({ kind: "/problems/call-refused", status: 409, message: "Ana has hung up." });
    refuse("/problems/call-refused", "Start again with POST /calls/{id}/legs.");
    expect(await refusal()).toMatchObject({ message: "The call doesn’t allow that right now." });
    refuse("/problems/not-signed-in", "Sign in with POST /api/v1/login, and send the token.");
    expect(await refusal()).toMatchObject({ message: "Your session has ended. Sign in again." });
    setLanguage("ja");
    refuse("/problems/call-refused", "Ana has hung up.");
    expect(await refusal()).toMatchObject({ message: "現在、この通話ではその操作はできません。" });
    setLanguage("en");
  });

  it("tells that the sign-in is over, whoever asked", async () => {
    const over = vi.fn();
    const unlisten = onSignedOut(over);
    const problem = { type: "/problems/not-signed-in", title: "", status: 401, detail: "" };
    answers(401, JSON.stringify(problem), "application/problem+json");
    await refusal();
    expect(over).toHaveBeenCalledOnce();
    unlisten();
  });

  it("is not misled by a refusal that is none", async () => {
    answers(502, "<html>Bad gateway</html>", "text/html");
    expect(await refusal()).toMatchObject({ kind: "unexpected", status: 502, message: UNREADABLE });
    answers(500, "{", "application/problem+json");
    expect(await refusal()).toMatchObject({ kind: "unexpected", status: 500 });
  });
});
