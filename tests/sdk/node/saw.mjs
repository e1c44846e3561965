// What is seen, in the words of `python/saw.py`, and what every client is asked.

import { createRequire } from "node:module";

const folder = `${process.env.SDK_FOLDER}/`;

/** A package that is installed there. */
export const packaged = createRequire(folder);

export const PROMPT = "Go.";

export const TOOLS = ["list", "read"].map((name) => ({
  name,
  description: `Does ${name}.`,
  schema: { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false },
}));

/** More of a text; nothing is not even an empty text. */
export function add(saw, key, text) {
  if (text) {
    saw[key] = (saw[key] ?? "") + text;
  }
}

/** What is there; an empty text or list is not. */
export function put(saw, values) {
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)) {
      saw[key] = value;
    }
  }
}

export function tellUsage(saw, told, output, cached, reasoned) {
  put(saw, { usage: [told ?? null, output ?? null], cached: cached || undefined, reasoned: reasoned || undefined });
}

/** A client handed back something that is no answer, and threw nothing: whoever called it sees that for himself. */
export class NotAnAnswer extends Error {}

/** The answer, if it is one; else it is seen what came instead, and there is nothing more to see. */
export function anAnswer(saw, answer) {
  if (answer === null || typeof answer !== "object") {
    put(saw, { returned: answer === null ? "null" : typeof answer });
    throw new NotAnAnswer();
  }
  return answer;
}

/** Sets the first answer aside, for the second. */
export function setAside(saw) {
  const first = {};
  for (const key of ["text", "finish"]) {
    put(first, { [key]: saw[key] });
    delete saw[key];
  }
  return first;
}

export function errorOf(error) {
  const told = { class: error?.constructor?.name ?? typeof error };
  // The AI SDK's last word after several attempts has the last attempt's error in it.
  const last = error?.lastError;
  const status = error?.status ?? error?.statusCode ?? last?.statusCode;
  const detail = error?.error?.error ?? error?.error ?? error?.data?.error ?? {};
  put(told, {
    status,
    code: error?.code ?? detail?.code ?? detail?.status ?? detail?.type ?? error?.type,
    request_id: error?.requestID ?? error?.request_id,
    message: String(error?.message ?? error).slice(0, 500),
    cause: error?.cause && String(error.cause.message ?? error.cause).slice(0, 200),
  });
  return told;
}
