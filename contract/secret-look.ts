const SECRET_LOOK = /shp[a-z]{2}_|[0-9a-f]{24,}/i;

/** Whether a text may be a token or a client secret that landed in the wrong place, and so must not be shown. */
export function looksSecret(text: string): boolean {
  return SECRET_LOOK.test(text);
}
