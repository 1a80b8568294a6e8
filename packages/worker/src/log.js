// The log: a JSON object in each line, on standard output. No address in it has its query, which may hold what is secret.

// Nobody reads it any more: that is no reason to end.
process.stdout.on('error', () => {});

/** Writes a line. */
export function log(level, message, fields = {}) {
  write({ timestamp: new Date().toISOString(), level, message, ...fields });
}

/** Writes on what workerd wrote. What the Worker logged as JSON is fields of the line. */
export function passOn(line) {
  const { timestamp, level, message } = read(line);
  const fields = read(message, 'message');
  write({ timestamp: new Date(Number(timestamp ?? Date.now())).toISOString(), level: level ?? 'error', ...fields });
}

/** An object from JSON; anything else under one name. */
function read(text, name = 'message') {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // No JSON.
  }
  return { [name]: text };
}

function write(fields) {
  const line = JSON.stringify(fields, (_name, value) => (typeof value === 'string' ? withoutQueries(value) : value));
  process.stdout.write(`${line}\n`);
}

const withoutQueries = (text) => text.replace(/(https?:\/\/[^\s?#"']+)\?[^\s"')]*/g, '$1?…');
