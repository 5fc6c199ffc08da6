/** Header fields by which somebody is recognised; none: a stranger. */
export type Credentials = Readonly<Record<string, string>>;

export function bearer(token: string): Credentials {
  return { authorization: `Bearer ${token}` };
}

/** Somebody who sends requests to a server. What a request says itself counts more than the credentials. */
export class Visitor {
  readonly credentials: Credentials;
  private readonly origin: () => string;

  /** @param origin where the server is now; no slash at the end */
  constructor(origin: () => string, credentials: Credentials) {
    this.origin = origin;
    this.credentials = credentials;
  }

  /** The path begins with a slash. */
  get(path: string, init: RequestInit = {}): Promise<Response> {
    return this.send(init.method ?? 'GET', path, init);
  }

  post(path: string, init: RequestInit = {}): Promise<Response> {
    return this.send('POST', path, init);
  }

  /** Sends a value as JSON. */
  postJson(path: string, value: unknown, headers: Credentials = {}): Promise<Response> {
    return this.sendJson('POST', path, value, headers);
  }

  patchJson(path: string, value: unknown, headers: Credentials = {}): Promise<Response> {
    return this.sendJson('PATCH', path, value, headers);
  }

  delete(path: string, init: RequestInit = {}): Promise<Response> {
    return this.send('DELETE', path, init);
  }

  send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(this.credentials);
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    return fetch(this.origin() + path, { ...init, method, headers });
  }

  private sendJson(method: string, path: string, value: unknown, headers: Credentials): Promise<Response> {
    return this.send(method, path, {
      body: JSON.stringify(value),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }
}
