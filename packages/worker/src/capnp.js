// The configuration of workerd, from the description of a Worker.

/** The class that a KV namespace is an object of, in runtime/kv.js. */
export const namespaceClass = 'KvNamespace';

/**
 * Writes it. No setting is in it: workerd takes them from its environment, under `nameInEnvironment`.
 *
 * @param {{
 *   description: Awaited<ReturnType<import('./description.js').readDescription>>, settings: Record<string, unknown>,
 *   modules: string[], address: string, objects: string, certificates: string[], addresses: string[], proxies: string[],
 *   memory: number, key: string }} parts `modules` are those of the Worker, by their paths below `app`; `objects` is the folder
 *   where objects lie; `addresses` may be reached besides public ones; `key` opens the inner socket
 */
export function configOf({ description, settings, modules, address, objects, certificates, addresses, proxies, memory, key }) {
  const { compatibilityDate, compatibilityFlags, assets, classes } = description;
  const date = `compatibilityDate = ${text(compatibilityDate)}`;
  const outer = { name: 'worker', entrypoint: 'outer', props: { proxies } };
  const inner = { name: 'worker', entrypoint: 'inner', props: { key } };
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "platform", worker = .platform),
    (name = "objects", disk = (path = ${text(objects)}, writable = true)),${
      assets ? `\n    (name = "files", disk = (path = ${text(assets.directory)})),` : ''
    }
    (name = "internet", network = (
      allow = ${list(['public', ...addresses].map(text))},
      tlsOptions = (trustedCertificates = ${list(certificates.map(text))}),
    )),
  ],
  sockets = [
    (name = "outer", address = ${text(address)}, http = (forwardedProtoHeader = "X-Forwarded-Proto"), service = ${service(outer)}),
    (name = "inner", address = "127.0.0.1:0", http = (), service = ${service(inner)}),
  ],
  v8Flags = ["--max-old-space-size=${memory}", "--max-semi-space-size=4"],
  logging = (structuredLogging = true),
);

const worker :Workerd.Worker = (
  modules = ${list(['server.js', 'app.js', ...modules.map((name) => `app/${name}`)].map(moduleOf))},
  ${date},
  compatibilityFlags = ${list(compatibilityFlags.map(text))},
  bindings = ${list(bindingsOf(description, settings))},
  durableObjectNamespaces = ${list(
    classes.map(({ className, key: uniqueKey }) => `(className = ${text(className)}, uniqueKey = ${text(uniqueKey)}, enableSql = true)`),
  )},
  durableObjectStorage = ${classes.length > 0 ? '(localDisk = "objects")' : '(none = void)'},
);

const platform :Workerd.Worker = (
  modules = ${list(['platform.js'].map(moduleOf))},
  ${date},
  bindings = ${list([
    `(name = "NAMESPACES", durableObjectNamespace = ${text(namespaceClass)})`,
    ...(assets ? ['(name = "FILES", service = "files")'] : []),
  ])},
  durableObjectNamespaces = [(className = ${text(namespaceClass)}, uniqueKey = ${text(namespaceClass)}, enableSql = true, preventEviction = true)],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

/** Under which name workerd finds a setting: none of them can mean anything to the process itself. */
export const nameInEnvironment = (name) => `WXEDGE_SETTING_${name}`;

function bindingsOf({ namespaces, objects, limits, assets }, settings) {
  const platform = (entrypoint, props) => service({ name: 'platform', entrypoint, props });
  return [
    ...Object.entries(settings).map(([name, value]) =>
      typeof value === 'string'
        ? `(name = ${text(name)}, fromEnvironment = ${text(nameInEnvironment(name))})`
        : `(name = ${text(name)}, json = ${text(JSON.stringify(value))})`,
    ),
    ...namespaces.map((binding) => `(name = ${text(binding)}, kvNamespace = ${platform('kv', { namespace: binding })})`),
    ...objects.map(({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`),
    ...limits.map((limit) => `(name = ${text(limit.binding)}, service = ${platform('Limiter', limit)})`),
    ...(assets ? [`(name = ${text(assets.binding)}, service = ${platform('assets', {})})`] : []),
  ];
}

const service = ({ name, entrypoint, props }) =>
  `(name = ${text(name)}, entrypoint = ${text(entrypoint)}, props = (json = ${text(JSON.stringify(props))}))`;

const kinds = { js: 'esModule', mjs: 'esModule', wasm: 'wasm', json: 'json', txt: 'text', html: 'text', bin: 'data' };

/** Whether a file can be a module. */
export const isModule = (name) => Object.hasOwn(kinds, extension(name));

const extension = (name) => name.slice(name.lastIndexOf('.') + 1);
const moduleOf = (name) => `(name = ${text(name)}, ${kinds[extension(name)]} = embed ${text(name)})`;
const list = (items) => `[${items.join(', ')}]`;

/** A text of Cap'n Proto is written as in JSON, but for characters by number. */
const text = (value) => JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
