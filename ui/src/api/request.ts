import { config } from "../config.ts";
import { signedIn } from "../session.ts";
import { makeStore } from "../store.ts";

/** Whether the last request was answered at all. */
export const reachable = makeStore(true);

/** An answer that is not the one asked for; status 0 where there was no answer. */
export class ApiError extends Error {
  status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}

/** Milliseconds after which a request counts as not answered. */
const LONGEST_ANSWER = 30_000;

const client = crypto.randomUUID?.() ?? `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
let token: Promise<string> | null = null;

async function fetchToken(): Promise<string> {
  const answer = await send("GET", `/csrf-token?client=${client}`);
  return ((await answer.json()) as { token: string }).token;
}

async function tokenHeaders(): Promise<Record<string, string>> {
  token ??= fetchToken();
  try {
    return { "Prefect-Csrf-Token": await token, "Prefect-Csrf-Client": client };
  } catch (wrong) {
    token = null;
    throw wrong;
  }
}

async function problem(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => "");
  try {
    const body = JSON.parse(text) as { exception_message?: unknown; detail?: unknown };
    const said = body.detail ?? body.exception_message;
    if (said) return new ApiError(answer.status, typeof said === "string" ? said : JSON.stringify(said));
  } catch {
    // An answer of a proxy is not JSON; its status says enough.
  }
  return new ApiError(answer.status, answer.statusText || `The server answered ${answer.status}`);
}

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  if (body !== undefined) headers = { ...headers, "Content-Type": "application/json" };
  let answer: Response;
  try {
    const signal = AbortSignal.timeout(LONGEST_ANSWER);
    answer = await fetch(config.api_url + path, { method, headers, signal, credentials: "same-origin", ...content });
  } catch {
    reachable.set(false);
    throw new ApiError(0, "The server cannot be reached");
  }
  reachable.set(![502, 503, 504].includes(answer.status));
  if (!answer.ok) throw await problem(answer);
  return answer;
}

async function sendChange(method: string, path: string, body?: unknown): Promise<Response> {
  if (!config.csrf || method === "GET") return send(method, path, body);
  const headers = await tokenHeaders();
  const used = token;
  try {
    return await send(method, path, body, headers);
  } catch (wrong) {
    if (!(wrong instanceof ApiError && wrong.status === 403 && wrong.message.includes("CSRF"))) throw wrong;
    if (token === used) token = null;
    return send(method, path, body, await tokenHeaders());
  }
}

/** Send a request and return the answer's JSON. A 401 leads to the sign-in page, which keeps the address. */
export async function request<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  try {
    const answer = await sendChange(method, path, body);
    return (await answer.json()) as T;
  } catch (wrong) {
    if (wrong instanceof ApiError && wrong.status === 401 && config.auth) signedIn.set(false);
    throw wrong;
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Exchange credentials for a session, which the browser keeps in a cookie that no script can read. */
export async function signIn(credentials: string): Promise<void> {
  let headers: Record<string, string> = { Authorization: `Basic ${base64(credentials)}` };
  token = null;
  try {
    const answer = await send("GET", `/csrf-token?client=${client}`, undefined, headers);
    const made = ((await answer.json()) as { token: string }).token;
    headers = { ...headers, "Prefect-Csrf-Token": made, "Prefect-Csrf-Client": client };
  } catch (wrong) {
    if (!(wrong instanceof ApiError && wrong.status === 422)) throw wrong; // 422: the server has no such tokens
  }
  await send("POST", "/session", undefined, headers);
  signedIn.set(true);
}

/** End the session on the server. */
export async function signOut(): Promise<void> {
  await sendChange("DELETE", "/session");
  signedIn.set(false);
}
