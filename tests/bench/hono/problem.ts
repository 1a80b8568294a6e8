/** RFC 9457: what went wrong, as the caller gets it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, code: string, detail: string, hint?: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }

  static field(name: string, rule: string): Problem {
    return new Problem(400, 'invalid_request', `${name} ${rule}.`);
  }

  static of(error: unknown): Problem {
    if (error instanceof Problem) return error;
    console.error(error);
    return new Problem(500, 'internal', 'Something went wrong inside.');
  }

  response(): Response {
    const { status, code, message: detail, hint } = this;
    const retryable = status === 429 || status >= 500;
    const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' };
    if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
    return new Response(
      JSON.stringify({
        type: `urn:wxedge:problem:${code}`,
        title: titles[status] ?? 'Something went wrong',
        status,
        detail,
        code,
        hint,
        retryable,
      }),
      { status, headers },
    );
  }
}

const titles: Record<number, string> = {
  400: 'The request breaks a rule',
  401: 'A valid credential is needed',
  403: 'The credential does not allow this',
  404: 'There is nothing here',
  409: 'The session key does not fit the data',
  413: 'The body is too large',
  415: 'The body must be JSON',
  429: 'Too many calls',
  502: 'WeChat refused the call',
  503: 'There is no usable access token',
  504: 'WeChat did not answer in time',
};
