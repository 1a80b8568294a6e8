import { WechatError } from './errors.ts';

/** A part of a `multipart/form-data` body. */
export type Part = {
  name: string;
  bytes: Buffer;
  /** Undefined for a plain field. */
  file: { name: string; type: string } | undefined;
};

export function isMultipart(contentType: string): boolean {
  return /^multipart\/form-data\s*(?:;|$)/i.test(contentType);
}

/** The parts of a body, or none when it is no such body. */
export async function partsOf(body: Buffer<ArrayBuffer>, contentType: string): Promise<Part[]> {
  if (body.length === 0 || !isMultipart(contentType)) return [];
  try {
    const form = await new Response(body, { headers: { 'Content-Type': contentType } }).formData();
    return await Promise.all([...form].map(([name, value]) => part(name, value)));
  } catch {
    // As the platform does: what it cannot read as an upload has no parts.
    return [];
  }
}

async function part(name: string, value: string | File): Promise<Part> {
  if (typeof value === 'string') return { name, bytes: Buffer.from(value), file: undefined };
  return { name, bytes: Buffer.from(await value.arrayBuffer()), file: { name: value.name, type: value.type } };
}

/** The file of that name. Throws 41005 when there is none, or none with a file name and bytes in it. */
export function uploadedFile(parts: Part[], name: string): { name: string; type: string; bytes: Buffer } {
  const found = parts.find((candidate) => candidate.name === name);
  if (!found?.file || found.file.name === '' || found.bytes.length === 0) throw new WechatError(41005);
  return { ...found.file, bytes: found.bytes };
}
