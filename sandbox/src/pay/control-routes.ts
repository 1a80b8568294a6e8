import type { ControlRoute } from '../control-routes.ts';
import type { PayControl } from './control.ts';

/** The control surface of WeChat Pay, in the order in which `GET /sandbox` lists it. */
export function payRoutes(control: PayControl): ControlRoute[] {
  return [
    route('GET', '/sandbox/pay/settings', 'the settings of a Worker whose WeChat Pay this is', () => control.settings()),
    route('GET', '/sandbox/pay/keys', "WeChat Pay's public key and certificates, the merchant's certificate", () => control.keys()),
    route('POST', '/sandbox/pay/merchant-certificates', 'a further API certificate of the merchant', () =>
      control.addMerchantCertificate(),
    ),
    route('DELETE', '/sandbox/pay/merchant-certificates', 'one is valid no more {serial_no}', (it) =>
      control.removeMerchantCertificate(it),
    ),
    route('GET', '/sandbox/pay/console', 'what is set', () => control.console()),
    route(
      'POST',
      '/sandbox/pay/console',
      'sets it {mode?: pubkey|grey|cert, grey_share?, certificates?: first|listed|both|second, apiv3_key?, notify_time_factor?, refund_seconds?, refund_outcome?: SUCCESS|ABNORMAL|CLOSED, refund_notify_url?, balance?, duplicate?: field|printed}',
      (it) => control.setConsole(it),
    ),
    route('POST', '/sandbox/pay/payments', 'the user pays {out_trade_no? | prepay_id? | payment?, appid?, openid?, coupon?, late?}', (it) =>
      control.pay(it),
    ),
    route('POST', '/sandbox/pay/cancellations', 'the user cancels {out_trade_no? | prepay_id? | payment?, appid?}', (it) =>
      control.cancel(it),
    ),
    route('POST', '/sandbox/pay/refunds', 'a refund in the merchant console {out_trade_no, amount, out_refund_no?, reason?}', (it) =>
      control.refund(it),
    ),
    route('POST', '/sandbox/pay/refunds/settle', 'its outcome comes now {out_refund_no, status: SUCCESS|ABNORMAL|CLOSED}', (it) =>
      control.settle(it),
    ),
    route('GET', '/sandbox/pay/books', 'all orders and refunds, to the fen', () => control.books()),
    route('GET', '/sandbox/pay/notifications', 'what was told, and what it was answered {number?, state?, out_trade_no?, last?}', (it) =>
      control.notifications(it),
    ),
    route(
      'POST',
      '/sandbox/pay/notifications',
      'tells, true or made up {out_trade_no? | out_refund_no? | resource?, event_type?, fields?, url?, fault?}',
      (it) => control.notify(it),
    ),
    route('POST', '/sandbox/pay/notifications/repeat', 'brings one once more {number}', (it) => control.repeatNotification(it)),
    route('GET', '/sandbox/pay/faults', 'the faults that wait', () => control.faults()),
    route(
      'POST',
      '/sandbox/pay/faults',
      'adds one {kind, on?: calls|notifications, path?, event?, out_trade_no?, out_refund_no?, times?, skip?, probability?, after?, status?, code?, message?, body?, content_type?, location?, ms?, seconds?, field?, value?, variant?, copies?, megabytes?}',
      (it) => control.addFault(it),
    ),
    route('DELETE', '/sandbox/pay/faults', 'removes all, or one {id?}', (it) => control.clearFaults(it)),
    route('GET', '/sandbox/pay/calls', 'counts and the newest calls, with the texts that were signed {last?}', (it) => control.calls(it)),
    route('DELETE', '/sandbox/pay/calls', 'forgets them', () => control.resetCalls()),
  ];
}

// `never`: what a caller sends is checked by the control function itself.
function route(method: ControlRoute['method'], path: string, about: string, run: (fields: never) => unknown): ControlRoute {
  return { method, path, about, run };
}
