/** The origins in the text of CORS_ORIGINS; undefined when one of them is not an origin, as browsers write them. */
export function parseOrigins(text: string): string[] | undefined {
  const origins = text.split(',').map((origin) => origin.trim());
  return origins.every(isOrigin) ? origins : undefined;
}

export function areOrigins(text: string): boolean {
  return parseOrigins(text) !== undefined;
}

function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
