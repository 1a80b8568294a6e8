// Which addresses the Worker may reach: public ones, and of the others those that a setting names.
import { lookup } from 'node:dns/promises';

import ipaddr from 'ipaddr.js';

/** The settings that say where calls go. PUBLIC_URL says where they come from. */
const isDestination = (name) => /_(BASE|URL)$/.test(name) && name !== 'PUBLIC_URL';

/**
 * The private addresses that settings name, as networks of one address. A name that nobody knows has none.
 *
 * @param {Record<string, unknown>} settings
 * @returns {Promise<string[]>}
 */
export async function namedAddresses(settings) {
  const hosts = Object.entries(settings).flatMap(([name, value]) => (isDestination(name) ? hostOf(value) : []));
  const addresses = await Promise.all([...new Set(hosts)].map((host) => lookup(host, { all: true }).catch(() => [])));
  const networks = addresses.flat().flatMap(({ address }) => privateNetwork(address));
  return [...new Set(networks)];
}

function hostOf(value) {
  try {
    return [new URL(String(value)).hostname.replace(/^\[|\]$/g, '')];
  } catch {
    return [];
  }
}

function privateNetwork(text) {
  const address = ipaddr.process(text);
  return address.range() === 'unicast' ? [] : [`${address}/${address.kind() === 'ipv4' ? 32 : 128}`];
}
