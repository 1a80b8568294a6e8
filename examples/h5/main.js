// The page of an ordinary link, such as https://shop.example/?id=7. Scanned with WeChat, the link opens the mini
// program itself; everywhere else it opens this page, and a tap goes on to the mini program.
import { openLinkRequest, parseQuery, ready, send } from 'wxedge';

const { VITE_WXEDGE: worker, VITE_LINK: name } = import.meta.env;
const [id, message, button] = ['id', 'message', 'open'].map((name) => document.getElementById(name));

async function prepare() {
  try {
    // Fetched before the tap: browsers leave a page only for the tap itself, not for something that comes after it.
    const scheme = await openlink();
    button.addEventListener('click', () => (location.href = scheme));
    button.disabled = false;
    message.textContent = '请在手机上打开。';
  } catch (error) {
    message.textContent = error.retryable ? '网络不稳定，请刷新重试。' : `无法打开：${error.message}`;
  }
}

/** The scheme that opens the mini program at what this page is about. */
async function openlink() {
  await ready();
  const params = parseQuery(location.search);
  id.textContent = params.id || '';
  return (await send(openLinkRequest(worker, { name, params }))).openlink;
}

prepare();
