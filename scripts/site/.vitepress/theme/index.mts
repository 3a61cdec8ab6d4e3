import { inBrowser, useData, useRoute } from "vitepress";
import Theme from "vitepress/theme";
import { nextTick, onMounted, watch } from "vue";

/** Draws what Mermaid is to draw on the page that is shown; a page without a drawing loads nothing. */
async function draw(isDark: boolean): Promise<void> {
  const blocks = [...document.querySelectorAll<HTMLElement>("pre.mermaid:not([data-processed])")];
  if (blocks.length === 0) return;
  const { default: mermaid } = await import("mermaid");
  mermaid.initialize({ startOnLoad: false, theme: isDark ? "dark" : "default" });
  await mermaid.run({ nodes: blocks });
}

// biome-ignore lint/style/noDefaultExport: VitePress reads it so
export default {
  extends: Theme,
  setup() {
    if (!inBrowser) return;
    const route = useRoute();
    const { isDark } = useData();
    onMounted(() => draw(isDark.value));
    watch(
      () => route.path,
      () => nextTick(() => draw(isDark.value)),
    );
  },
};
