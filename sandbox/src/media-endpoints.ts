import { describedEndpoint } from './described.ts';
import { type Answer, type Endpoint, RawBytes } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { MEDIA_BYTES } from './limits.ts';
import type { MediaType, Medium } from './media.ts';
import { uploadedFile } from './upload.ts';

const TOO_LARGE: Record<MediaType, number> = { image: 40009, voice: 40010, video: 40011, thumb: 40012 };

/** Source: uploadTempMedia and getMedia, WeChat server API. */
export const mediaEndpoints: Endpoint[] = [
  describedEndpoint('/cgi-bin/media/upload', ({ query, parts }, world, app) => {
    const type = query.get('type') ?? '';
    if (!isMediaType(type)) throw new WechatError(40004);
    const file = uploadedFile(parts, 'media');
    if (file.bytes.length > MEDIA_BYTES[type]) throw new WechatError(TOO_LARGE[type]);
    const { id, createdAt } = world.media.put(app, type, file);
    return { type, media_id: id, created_at: createdAt };
  }),
  describedEndpoint('/cgi-bin/media/get', ({ query }, world, app) => {
    const medium = world.media.find(app, query.get('media_id') ?? '');
    if (!medium) throw new WechatError(40007);
    return medium.type === 'video' ? { video_url: `https://example.com/sandbox/${medium.id}` } : fileOf(medium);
  }),
];

function isMediaType(text: string): text is MediaType {
  return Object.hasOwn(MEDIA_BYTES, text);
}

function fileOf({ bytes, contentType, name }: Medium): Answer {
  // A name with a quotation mark or beyond ASCII would break the header.
  const filename = name.replaceAll(/[^\w.-]/g, '_');
  return new RawBytes(bytes, contentType || 'application/octet-stream', {
    'Content-disposition': `attachment; filename="${filename}"`,
  });
}
