/** MIME types that tables come in: CSV in an old encoding is `application/octet-stream`, in UTF-16 it is `text/plain`. */
export const INPUT_TYPES: readonly string[] = [
  'text/*',
  'application/json',
  'application/x-ndjson',
  'application/vnd.apache.parquet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.ms-excel',
  'application/x-cfb',
  'application/zip',
  'application/octet-stream',
];
