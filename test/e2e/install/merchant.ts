import type { Browser, Page, Response } from "playwright-core";

/** What a merchant saw at the end of a visit. */
export interface Seen {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly url: string;
  /** What the browser complained of, such as a style that the page's policy forbids. */
  readonly complaints: readonly string[];
  readonly page: Page;
}

/** The button of a store that is well. */
const AGAIN = "#approve-again";

/** A merchant in a browser without any history. */
export class Merchant {
  readonly #page: Page;
  readonly #complaints: string[] = [];
  #last: Response | undefined;

  private constructor(page: Page) {
    this.#page = page;
    page.on("console", (message) => {
      // The imitation of Shopify has no icon, and browsers ask for one.
      const isIcon = /\.myshopify\.com(:\d+)?\/favicon\.ico$/.test(message.location().url);
      if (message.type() === "error" && !isIcon) this.#complaints.push(message.text());
    });
    page.on("response", (response) => {
      if (response.request().isNavigationRequest()) this.#last = response;
    });
  }

  static async in(browser: Browser): Promise<Merchant> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(0); // the test's own limit ends a standstill, and a busy machine none
    return new Merchant(await context.newPage());
  }

  /** Opens an address and reads what comes. */
  async open(url: string): Promise<Seen> {
    await this.#page.goto(url);
    return await this.#seen();
  }

  /** Opens a store's link, presses the button of one that is well, and ends at Shopify's page of approval. */
  async openLink(link: string): Promise<Seen> {
    const seen = await this.open(link);
    if ((await this.#page.locator(AGAIN).count()) === 0) return seen;
    await this.#page.click(AGAIN);
    await this.#page.waitForURL((url) => url.host.endsWith(".myshopify.com"));
    return await this.#seen();
  }

  /** Presses a button or a link, and reads the page that follows. */
  async press(selector: string): Promise<Seen> {
    await Promise.all([this.#page.waitForEvent("load"), this.#page.click(selector)]);
    return await this.#seen();
  }

  async leave(): Promise<void> {
    await this.#page.context().close();
  }

  async #seen(): Promise<Seen> {
    await this.#page.waitForLoadState("load");
    return {
      status: this.#last?.status() ?? 0,
      title: await this.#page.title(),
      text: (await this.#page.textContent("body")) ?? "",
      url: this.#page.url(),
      complaints: [...this.#complaints],
      page: this.#page,
    };
  }
}
