// Draws Mermaid files with the real package, and says in a line of JSON for each what it has drawn.
//
//     node check.mjs FOLDER FILE...      FOLDER has node_modules with mermaid and jsdom

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { JSDOM } = createRequire(join(folder, "package.json"))("jsdom");
const { window } = new JSDOM("<!DOCTYPE html><body></body>", { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document });
for (const name of ["Element", "HTMLElement", "SVGElement", "Node", "DOMParser", "XMLSerializer", "CSSStyleSheet"]) {
  globalThis[name] = window[name];
}
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
// jsdom lays nothing out: every text is taken to be as large as this.
window.SVGElement.prototype.getBBox = () => ({ x: 0, y: 0, width: 80, height: 40 });
window.SVGElement.prototype.getComputedTextLength = () => 50;
globalThis.btoa = (text) => Buffer.from(text).toString("base64");

const core = join(folder, "node_modules", "mermaid", "dist", "mermaid.core.mjs");
const { default: mermaid } = await import(pathToFileURL(core));
mermaid.initialize({ startOnLoad: false, securityLevel: "strict", maxTextSize: 1e7, maxEdges: 1e5 });

for (const file of files) {
  try {
    const { svg } = await mermaid.render("picture", readFileSync(file, "utf8"));
    const page = new window.DOMParser().parseFromString(svg, "text/html");
    const texts = (selector) => [...page.querySelectorAll(selector)].map((element) => element.textContent);
    console.log(JSON.stringify({
      labels: texts("foreignObject"),
      title: texts("svg > title").join(),
      description: texts("svg > desc").join(),
      strange: texts("script, a, iframe, img").length,
    }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error).slice(0, 600) }));
  }
}
