import type { Order } from './orders.ts';
import type { TradeState } from './views.ts';

/** What the page shows. */
export type CashierView = {
  /** What it was opened with. */
  fields: Record<string, string>;
  order?: Order;
  state?: TradeState;
  /** What has just been tapped. */
  outcome?: 'paid' | 'cancelled';
  /** Why it cannot be paid here. */
  problem?: string;
};

const STATES: Record<TradeState, [string, string]> = {
  NOTPAY: ['待支付', 'To be paid'],
  SUCCESS: ['已支付', 'Paid'],
  REFUND: ['已转入退款', 'Paid, with a refund'],
  CLOSED: ['已关闭', 'Closed'],
};

const OUTCOMES = {
  paid: ['支付成功', 'Paid', 'requestPayment:ok'],
  cancelled: ['已取消', 'Cancelled', 'requestPayment:fail cancel'],
} as const;

/** The page of WeChat Pay, for a phone, in Chinese and English. It runs no script. */
export function cashierPage(view: CashierView): string {
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信支付沙箱 · WeChat Pay sandbox</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="note">沙箱，不会扣款 <span lang="en">Sandbox: no money moves</span></p>
${view.problem === undefined ? order(view) : problem(view.problem)}
</main>
</body>
</html>
`;
}

function order(view: CashierView): string {
  if (!view.order) return '';
  const { description, outTradeNo, total, openid } = view.order;
  return `<h1>${escape(description)}</h1>
<p class="amount">¥${(total / 100).toFixed(2)}</p>
<dl>
<dt>商户订单号 <span lang="en">Order</span></dt><dd>${escape(outTradeNo)}</dd>
<dt>付款人 <span lang="en">Payer</span></dt><dd>${escape(openid)}</dd>
<dt>状态 <span lang="en">State</span></dt><dd>${both(STATES[view.state ?? 'NOTPAY'])}</dd>
</dl>
${view.outcome === undefined ? buttons(view) : outcome(view.outcome)}`;
}

function buttons({ fields, state }: CashierView): string {
  if (state !== 'NOTPAY') return '';
  const hidden = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`);
  return `<form method="post">
${hidden.join('\n')}
<button name="tap" value="pay" class="pay">确认支付 <span lang="en">Pay</span></button>
<button name="tap" value="cancel">取消 <span lang="en">Cancel</span></button>
</form>`;
}

function outcome(name: 'paid' | 'cancelled'): string {
  const [zh, en, message] = OUTCOMES[name];
  return `<p class="outcome" role="status">${both([zh, en])}<br><code>${message}</code></p>`;
}

function problem(text: string): string {
  return `<h1>无法支付 <span lang="en">Cannot be paid</span></h1><p class="outcome" role="alert">${escape(text)}</p>`;
}

function both([zh, en]: readonly [string, string]): string {
  return `${zh} <span lang="en">${en}</span>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;background:#f2f2f2;color:#1a1a1a}
main{max-width:26rem;margin:0 auto;padding:1.25rem}
h1{font-size:1.1rem;font-weight:500;text-align:center;margin:1.5rem 0 .25rem;overflow-wrap:anywhere}
.amount{font-size:2.5rem;text-align:center;margin:0 0 1.5rem}
.note{font-size:.85rem;text-align:center;color:#7a5200}
dl{background:#fff;border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1.5rem}
dt{font-size:.85rem;color:#666}
dd{margin:0 0 .5rem;overflow-wrap:anywhere}
button{display:block;width:100%;min-height:3rem;margin:0 0 .75rem;border:0;border-radius:.5rem;font:inherit;background:#e0e0e0;color:#1a1a1a}
.pay{background:#087a3d;color:#fff}
.outcome{text-align:center;font-size:1.1rem}
@media (prefers-color-scheme:dark){body{background:#111;color:#eee}dl{background:#1e1e1e}dt{color:#aaa}.note{color:#e8b84a}button{background:#333;color:#eee}.pay{background:#087a3d;color:#fff}}
`;
