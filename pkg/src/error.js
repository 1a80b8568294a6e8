/** Every failure of this package. `code` is a stable word for programs. */
export class WxedgeError extends Error {
  constructor(code, message, details) {
    super(message);
    this.code = code;
    this.retryable = false;
    Object.assign(this, details);
  }
}

// Builds for web pages and mini programs shorten names: the class has its own all the same, and a stack begins with it.
for (const named of [WxedgeError, WxedgeError.prototype]) {
  Object.defineProperty(named, 'name', { value: 'WxedgeError', configurable: true, writable: true });
}
