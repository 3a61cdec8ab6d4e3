import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";

/** What `scripts/site/build.ts` found: the bar at the side is made from it. */
const sidebar = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", ".pages", "sidebar.json"), "utf8"),
);

export default defineConfig({
  title: "shopify-secrets",
  description: "One AWS Secrets Manager secret per Shopify store, with an access token that works.",
  srcDir: ".pages",
  outDir: "../../dist/site",
  cacheDir: ".cache",
  cleanUrls: true,
  // A link that leads nowhere ends the build.
  ignoreDeadLinks: false,
  markdown: {
    html: false,
    config: (markdown) => {
      const fence = markdown.renderer.rules.fence;
      markdown.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info = "", content = "" } = tokens[index] ?? {};
        if (info.trim() !== "mermaid") return fence?.(tokens, index, ...rest) ?? "";
        return `<pre class="mermaid" v-pre>${markdown.utils.escapeHtml(content)}</pre>`;
      };
    },
  },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    docFooter: { prev: false, next: false },
  },
});
