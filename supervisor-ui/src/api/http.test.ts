import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "./client";
import type { ApiError } from "./http";

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
      const said = { kind: "unexpected", status: 200, message: "The server’s answer could not be read." };
      expect(await refusal(), body).toEqual(said);
    }
    expect(report).toHaveBeenCalledTimes(4);
  });

  it("gives the server's own words of a refusal", async () => {
    const problem = { type: "/problems/conflict", title: "Conflict", status: 409, detail: "It has ended." };
    answers(409, JSON.stringify(problem), "application/problem+json; charset=utf-8");
    expect(await refusal()).toEqual({ kind: "/problems/conflict", status: 409, message: "It has ended." });
  });

  it("is not misled by a refusal that is none", async () => {
    answers(502, "<html>Bad gateway</html>", "text/html");
    expect(await refusal()).toMatchObject({ kind: "unexpected", status: 502, message: "The server answered 502." });
    answers(500, "{", "application/problem+json");
    expect(await refusal()).toMatchObject({ kind: "unexpected", status: 500 });
  });
});
