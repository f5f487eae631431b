import { type ReactNode, useEffect, useRef } from "react";

let pagesShown = 0;

/** A page's h1. It takes the focus when the page is come to from another, and names the tab. */
export function Heading({ title, children }: { title: string; children?: ReactNode }) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    pagesShown += 1;
    if (pagesShown > 1) element.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = `${title} · Lictor`;
  }, [title]);
  return (
    <h1 ref={element} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
