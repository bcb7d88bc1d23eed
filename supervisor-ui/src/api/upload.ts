import type { Schema } from "../wire/schema";
import { answerOf, ApiError, type Credentials, refusalOf } from "./http";

/** An upload that goes on. */
export interface Upload<T> {
  readonly done: Promise<T>;
  cancel(): void;
}

/** Sends a file as it is. `fetch` tells nothing of how far an upload got, so this is XMLHttpRequest. */
export function upload<T>(
  schema: Schema<T>,
  url: string,
  file: Blob,
  credentials: Credentials,
  progress: (done: number) => void,
): Upload<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => lengthComputable && progress(loaded / total);
    request.onload = () => {
      try {
        resolve(answered(schema, request));
      } catch (error) {
        reject(error);
      }
    };
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

function answered<T>(schema: Schema<T>, request: XMLHttpRequest): T {
  const { status, responseText } = request;
  if (status >= 300) throw refusalOf(request.getResponseHeader("Content-Type"), responseText, status);
  return answerOf(schema, responseText, status, "answer to an upload");
}
