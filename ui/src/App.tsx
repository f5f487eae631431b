import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import css from "./App.module.css";
import { useKeys } from "./keys.ts";
import { announcement } from "./live/announcer.ts";
import { followEvents } from "./live/events.ts";
import { FlowRunPage } from "./pages/FlowRun.tsx";
import { NotFound } from "./pages/NotFound.tsx";
import { Runs } from "./pages/Runs.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { Header } from "./parts/Header.tsx";
import { Help } from "./parts/Help.tsx";
import { signedIn } from "./session.ts";
import { useStore } from "./store.ts";

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/runs" replace />
      </Route>
      <Route path="/runs">
        <Runs />
      </Route>
      <Route path="/runs/flow-run/:id">{({ id }) => <FlowRunPage key={id} id={id} />}</Route>
      <Route path="/flow-runs/flow-run/:id">{({ id }) => <Redirect to={`/runs/flow-run/${id}`} replace />}</Route>
      <Route path="/v2/*?">{(params) => <Redirect to={`/${params["*"] ?? ""}`} replace />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

/** Everything behind the sign-in: it asks for data and follows events only while it is shown. */
function Inside() {
  const client = useQueryClient();
  useEffect(() => {
    const stop = followEvents(client);
    return () => {
      stop();
      client.clear();
    };
  }, [client]);
  return <Pages />;
}

function Announcer() {
  return (
    <div className="unseen" aria-live="polite">
      {useStore(announcement)}
    </div>
  );
}

export function App() {
  const allowed = useStore(signedIn);
  const [helping, setHelping] = useState(false);
  const [, go] = useLocation();
  useKeys(allowed ? { "?": () => setHelping(true), "g r": () => go("/runs") } : {});
  return (
    <>
      <a className={css["skip"]} href="#content">
        Skip to the content
      </a>
      <Header help={() => setHelping(true)} />
      <main id="content" tabIndex={-1} className={css["main"]}>
        {allowed ? <Inside /> : <SignIn />}
      </main>
      {helping && <Help close={() => setHelping(false)} />}
      <Announcer />
    </>
  );
}
