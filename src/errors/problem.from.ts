import { HttpException } from '@nestjs/common';
import { ConnectionException, LockWaitTimeoutException } from '@mikro-orm/core';
import { Problem } from './problem.js';
import type { ProblemCode } from './problem.catalogue.js';

/** What Fastify, its parsers and Node say, in the words of our catalogue. */
const BY_CODE: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_PARTS_LIMIT: 'too_many_files',
  FST_FILES_LIMIT: 'too_many_files',
  FST_FIELDS_LIMIT: 'malformed_multipart',
  FST_REQ_FILE_TOO_LARGE: 'file_too_large',
  FST_PROTO_VIOLATION: 'malformed_multipart',
  FST_INVALID_JSON_FIELD_ERROR: 'malformed_json',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported_media_type',
  FST_MP_PREMATURE_CLOSE: 'malformed_multipart',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EFBIG: 'storage_full',
  EROFS: 'storage_full',
  SQLITE_FULL: 'storage_full',
  ECONNREFUSED: 'unavailable',
};

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
  503: 'unavailable',
};

/** What the driver of PostgreSQL says when there is no connection to be had, or none any more. */
const NO_CONNECTION =
  /^(?:timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client (?:has|was)|(?:connect|read|write|getaddrinfo) E[A-Z_]+)/;

/**
 * What the databases themselves say while they cannot do what they otherwise could. SQLSTATE: 08 connections, 53
 * resources, 57P0 shutdown and start, 57014 cancelled, 25006 read only, 40 conflicts between transactions.
 */
const OUTAGE = /^(?:08...|53...|57P0.|57014|25006|40001|40P01|SQLITE_(?:BUSY|LOCKED)(?:_.*)?)$/;

/** Any thrown thing as a Problem. What nobody foresaw becomes `internal`, with the thing itself as the cause for the log. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ConnectionException || error instanceof LockWaitTimeoutException) return unavailable(error);
  if (error instanceof Error && NO_CONNECTION.test(error.message)) return unavailable(error);

  const { code, statusCode } = fieldsOf(error);
  if (typeof code === 'string' && OUTAGE.test(code)) return unavailable(error);
  const byCode = typeof code === 'string' ? BY_CODE[code] : undefined;
  if (byCode === 'unavailable') return unavailable(error);
  if (byCode) return new Problem(byCode, undefined, { cause: error });
  if (error instanceof SyntaxError && statusCode === 400)
    return new Problem('malformed_json', undefined, { cause: error });

  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  const byStatus = typeof status === 'number' ? BY_STATUS[status] : undefined;
  return new Problem(byStatus ?? 'internal', undefined, { cause: error });
}

function unavailable(cause: unknown): Problem {
  return new Problem('unavailable', 'A part that is needed for this does not answer. Try again in a moment.', {
    cause,
    headers: { 'retry-after': '2' },
  });
}

function fieldsOf(error: unknown): { code?: unknown; statusCode?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}
