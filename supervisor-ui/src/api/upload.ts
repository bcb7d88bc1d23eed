import type { Problem } from "../wire/generated";
import { ApiError, type Credentials } from "./client";

/** An upload that goes on. */
export interface Upload<T> {
  readonly done: Promise<T>;
  cancel(): void;
}

/** Sends a file as it is. `fetch` tells nothing of how far an upload got, so this is XMLHttpRequest. */
export function upload<T>(
  url: string,
  file: Blob,
  credentials: Credentials,
  progress: (done: number) => void,
): Upload<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => lengthComputable && progress(loaded / total);
    request.onload = () =>
      request.status < 300 ? resolve(JSON.parse(request.responseText) as T) : reject(refusal(request));
    request.onerror = () => reject(new ApiError("unreachable", 0, "The server does not answer."));
    request.onabort = () => reject(new ApiError("cancelled", 0, "The upload was cancelled."));
  });
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json, application/problem+json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  if (credentials.kind === "bearer") request.setRequestHeader("Authorization", `Bearer ${credentials.token}`);
  request.send(file);
  return { done, cancel: () => request.abort() };
}

function refusal(request: XMLHttpRequest): ApiError {
  if (request.getResponseHeader("Content-Type")?.startsWith("application/problem+json")) {
    const problem = JSON.parse(request.responseText) as Problem;
    return new ApiError(problem.type, request.status, problem.detail);
  }
  return new ApiError("unexpected", request.status, `The server answered ${request.status}.`);
}
