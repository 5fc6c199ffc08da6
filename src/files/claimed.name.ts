import contentDisposition from 'content-disposition';

/** The name in `Content-Disposition: attachment; filename="…"`, RFC 6266. One that cannot be read counts as none. */
export function nameIn(field: string | undefined): string | undefined {
  try {
    return contentDisposition.parse(field ?? '').parameters['filename'];
  } catch {
    return undefined;
  }
}
