import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { ApiError } from "./api/request.ts";
import { App } from "./App.tsx";
import { config } from "./config.ts";
import "./tokens.css";

/** Once more where there was no answer or the server failed; an answer that says no stays no. */
function tryAgain(failures: number, error: Error): boolean {
  const passing = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
  return passing && failures < 1;
}

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: tryAgain, retryDelay: 500, networkMode: "always", staleTime: 1_000, refetchOnWindowFocus: false },
  },
});

const page = document.getElementById("page");
if (page) {
  createRoot(page).render(
    <QueryClientProvider client={client}>
      <Router base={config.base}>
        <App />
      </Router>
    </QueryClientProvider>,
  );
}
