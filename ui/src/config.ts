/** What the server says to the page in its `lictor-config` element. */
export interface Config {
  /** The API's address, relative to the origin by default: "/api" or "/orchestrator/api". */
  api_url: string;
  /** The path under which the pages are served, without a slash at its end; "" at the root. */
  base: string;
  auth: "BASIC" | null;
  csrf: boolean;
  version: string;
  signed_in: boolean;
}

const DEFAULT: Config = { api_url: "/api", base: "", auth: null, csrf: false, version: "", signed_in: true };

function read(): Config {
  const element = document.getElementById("lictor-config");
  return element?.textContent ? { ...DEFAULT, ...(JSON.parse(element.textContent) as Partial<Config>) } : DEFAULT;
}

export const config = read();
