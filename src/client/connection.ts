import { type Client, createClient, createConfig } from './generated/client/index.js';
import { errorOfAnswer, errorOfSilence } from './toolyard.error.js';

export interface ConnectionOptions {
  /** Of the server, such as `https://tools.example.org`. */
  readonly url: string;
  /** An API key or an access token. Without it a browser shows its cookie. */
  readonly key?: string | undefined;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** How requests reach the server, and what its faults become. */
export class Connection {
  /** For the generated functions. */
  readonly client: Client;
  private readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly fetch: typeof fetch;

  constructor({ url, key, fetch: given }: ConnectionOptions) {
    this.url = url.replace(/\/+$/, '');
    this.headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    this.fetch = given ?? ((input, init) => fetch(input, init));
    this.client = createClient(
      createConfig({ baseUrl: this.url, headers: this.headers, fetch: this.fetch, throwOnError: true }),
    );
    this.client.interceptors.error.use((error, response, request) =>
      response ? errorOfAnswer(response, error) : errorOfSilence(error, request?.signal),
    );
  }

  /**
   * A request for what the generated functions do not do, such as streams.
   *
   * @param path begins with a slash
   * @throws ToolyardError unless the answer is a success
   */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(this.headers);
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const response = await this.fetch(this.url + path, { ...init, headers }).catch((error: unknown) => {
      throw errorOfSilence(error, init.signal ?? undefined);
    });
    if (response.ok || response.status === 304) return response;
    throw errorOfAnswer(response, await response.json().catch(() => undefined));
  }
}
