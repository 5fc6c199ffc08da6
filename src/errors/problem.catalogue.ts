/** The families of faults: a small closed set that a client can switch on. */
export const PROBLEM_FAMILIES = [
  'validation_error',
  'authentication_error',
  'permission_error',
  'not_found',
  'conflict',
  'gone',
  'payload_too_large',
  'too_many',
  'tool_error',
  'unavailable',
  'internal',
] as const;

export type ProblemFamily = (typeof PROBLEM_FAMILIES)[number];

interface Entry {
  readonly status: number;
  readonly family: ProblemFamily;
  /** RFC 9457 `title`: the same for every occurrence. */
  readonly title: string;
  /** May the very same request succeed later? */
  readonly retryable?: true;
}

/** Every fault that a client can meet, by stable code. docs/errors.md explains each; a test compares the two. */
export const PROBLEMS = {
  malformed_request: { status: 400, family: 'validation_error', title: 'The request cannot be read' },
  malformed_json: { status: 400, family: 'validation_error', title: 'The JSON cannot be read' },
  malformed_multipart: { status: 400, family: 'validation_error', title: 'The multipart body cannot be read' },
  invalid_request: { status: 400, family: 'validation_error', title: 'The request is not valid' },
  invalid_cursor: { status: 400, family: 'validation_error', title: 'The cursor is not valid' },
  not_authenticated: { status: 401, family: 'authentication_error', title: 'Log in first' },
  invalid_credentials: { status: 401, family: 'authentication_error', title: 'The login was not accepted' },
  not_allowed: { status: 403, family: 'permission_error', title: 'This is not allowed' },
  wrong_password: { status: 403, family: 'permission_error', title: 'The password is wrong' },
  registration_closed: { status: 403, family: 'permission_error', title: 'The registration is closed' },
  origin_not_allowed: { status: 403, family: 'permission_error', title: 'The origin of the request is not allowed' },
  not_found: { status: 404, family: 'not_found', title: 'There is nothing here' },
  file_not_found: { status: 404, family: 'not_found', title: 'The file does not exist' },
  task_not_found: { status: 404, family: 'not_found', title: 'The task does not exist' },
  tool_not_found: { status: 404, family: 'not_found', title: 'The tool does not exist' },
  user_not_found: { status: 404, family: 'not_found', title: 'The user does not exist' },
  share_not_found: { status: 404, family: 'not_found', title: 'The share does not exist' },
  session_not_found: { status: 404, family: 'not_found', title: 'The session does not exist' },
  key_not_found: { status: 404, family: 'not_found', title: 'The key does not exist' },
  method_not_allowed: { status: 405, family: 'validation_error', title: 'The method is not allowed here' },
  request_timeout: { status: 408, family: 'validation_error', title: 'The request took too long', retryable: true },
  task_not_finished: { status: 409, family: 'conflict', title: 'The task is not finished', retryable: true },
  task_has_no_result: { status: 409, family: 'conflict', title: 'The task has no result' },
  task_already_finished: { status: 409, family: 'conflict', title: 'The task is already finished' },
  file_not_scanned: { status: 409, family: 'conflict', title: 'The file is not scanned yet', retryable: true },
  file_removed: { status: 410, family: 'gone', title: 'The file was removed' },
  email_taken: { status: 409, family: 'conflict', title: 'The address has an account already' },
  last_admin: { status: 409, family: 'conflict', title: 'This is the last admin' },
  refresh_superseded: { status: 409, family: 'conflict', title: 'The token was used a moment ago' },
  link_not_valid: { status: 410, family: 'gone', title: 'The link does not work any more' },
  idempotency_in_progress: {
    status: 409,
    family: 'conflict',
    title: 'The same request is still being answered',
    retryable: true,
  },
  file_expired: { status: 410, family: 'gone', title: 'The file has expired' },
  result_expired: { status: 410, family: 'gone', title: 'The result has expired' },
  body_too_large: { status: 413, family: 'payload_too_large', title: 'The body is too large' },
  file_too_large: { status: 413, family: 'payload_too_large', title: 'The file is too large' },
  file_too_large_to_scan: { status: 413, family: 'payload_too_large', title: 'The file is too large to be scanned' },
  options_too_large: { status: 413, family: 'payload_too_large', title: 'The options are too large' },
  storage_quota_exceeded: { status: 413, family: 'payload_too_large', title: 'There is no room left for your files' },
  unsupported_media_type: { status: 415, family: 'validation_error', title: 'The media type is not supported' },
  file_type_not_accepted: {
    status: 415,
    family: 'validation_error',
    title: 'The tool does not take this type of file',
  },
  file_type_mismatch: { status: 415, family: 'validation_error', title: 'The name and the content do not agree' },
  range_not_satisfiable: { status: 416, family: 'validation_error', title: 'The range is outside the file' },
  file_empty: { status: 422, family: 'validation_error', title: 'The file is empty' },
  file_infected: { status: 422, family: 'validation_error', title: 'The file has a virus' },
  file_encrypted: { status: 422, family: 'validation_error', title: 'The file is encrypted' },
  scan_failed: { status: 422, family: 'validation_error', title: 'The file cannot be scanned' },
  file_missing: { status: 422, family: 'validation_error', title: 'A file is missing' },
  too_many_files: { status: 422, family: 'validation_error', title: 'There are too many files' },
  invalid_options: { status: 422, family: 'validation_error', title: 'The options do not fit the tool' },
  queue_full: { status: 429, family: 'unavailable', title: 'Too many tasks are waiting', retryable: true },
  password_not_accepted: { status: 422, family: 'validation_error', title: 'The password is not accepted' },
  idempotency_key_reused: { status: 422, family: 'validation_error', title: 'The Idempotency-Key was used before' },
  quota_exceeded: { status: 429, family: 'too_many', title: 'You have used up what you may', retryable: true },
  rate_limited: { status: 429, family: 'too_many', title: 'There were too many requests', retryable: true },
  headers_too_large: { status: 431, family: 'payload_too_large', title: 'The header fields are too large' },
  input_gone: { status: 410, family: 'tool_error', title: 'An input file is gone' },
  output_invalid: { status: 500, family: 'tool_error', title: 'The tool answered with something unusable' },
  output_too_large: { status: 500, family: 'tool_error', title: 'The tool made more than it may' },
  too_many_processes: { status: 500, family: 'tool_error', title: 'The tool started too many processes' },
  tool_cpu_exceeded: { status: 504, family: 'tool_error', title: 'The tool needed too much processor time' },
  tool_crashed: { status: 500, family: 'tool_error', title: 'The tool crashed' },
  tool_out_of_memory: { status: 500, family: 'tool_error', title: 'The tool needed too much memory' },
  tool_stalled: { status: 504, family: 'tool_error', title: 'The tool stopped making progress' },
  tool_timeout: { status: 504, family: 'tool_error', title: 'The tool took too long' },
  task_poisonous: { status: 500, family: 'tool_error', title: 'The task kills its workers' },
  workspace_full: { status: 500, family: 'tool_error', title: 'The tool filled its workspace' },
  worker_lost: { status: 500, family: 'tool_error', title: 'The worker was lost' },
  internal: { status: 500, family: 'internal', title: 'Something went wrong on our side', retryable: true },
  mail_unavailable: { status: 503, family: 'unavailable', title: 'The server sends no mail' },
  tool_unavailable: { status: 503, family: 'unavailable', title: 'The tool is not available' },
  scan_unavailable: { status: 503, family: 'unavailable', title: 'The virus scanner does not answer', retryable: true },
  unavailable: { status: 503, family: 'unavailable', title: 'The service is not available', retryable: true },
  storage_full: { status: 507, family: 'unavailable', title: 'There is no room to store the file', retryable: true },
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof PROBLEMS;
