/** Every failure of this package. `code` is a stable word for programs. */
export class WxedgeError extends Error {
  constructor(code, message, details) {
    super(message);
    this.name = 'WxedgeError';
    this.code = code;
    this.retryable = false;
    Object.assign(this, details);
  }
}
