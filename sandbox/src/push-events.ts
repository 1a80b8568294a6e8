// Every message and event that WeChat is known to push, with its fields.
import type { Field } from './operations.ts';

/** When a push that was not acknowledged comes again: seconds after the attempt before, one for each repeat. */
export type Schedule = 'usual' | 'virtual_payment' | 'refund_question' | 'b2b' | 'never';

/** What a push wants to hear, beside an empty body and `success`. */
export type Wants = 'nothing' | 'customer_service' | 'err_code' | 'data';

export type PushEvent = {
  group: string;
  /** MsgType of a message, else the name of the event. */
  name: string;
  /** `info`: to a third-party platform, with InfoType; `probe`: unsigned. */
  kind: 'message' | 'event' | 'info' | 'probe';
  fields: Field[];
  wants: Wants;
  schedule: Schedule;
};

/** Name, and fields: `name` is a text, `name#` a number, `name{…}` an object, `name[…]` a list of those, `name[]` of texts. */
type Row = [name: string, fields: string];
type Group = { group: string; kind?: PushEvent['kind']; wants?: Wants; schedule?: Schedule; rows: Row[] };

const PAY = 'OpenId OutTradeNo Env# WeChatPayInfo{MchOrderNo TransactionId PaidTime#}';
const SHOP = 'shopid shop_order_id shop_no delivery_sign';
const WAYBILL = 'Token WXAppId OrderID WayBillID';
const ORDER = `${SHOP} sender{name phone address} receiver{name phone address} cargo{goods_value# goods_weight#} order_info{order_type# note}`;
const PEOPLE = 'Sender{Name Mobile Province City Area Address} Receiver{Name Mobile Province City Area Address}';
const GOODS = `${PEOPLE} GoodDetail{Weight# Count#}`;

/** By the tables of 消息推送 and the pages of each event. */
const GROUPS: Group[] = [
  {
    group: 'customer service',
    kind: 'message',
    wants: 'customer_service',
    rows: [
      ['text', 'Content MsgId#'],
      ['image', 'PicUrl MediaId MsgId#'],
      ['miniprogrampage', 'MsgId# Title AppId PagePath ThumbUrl ThumbMediaId'],
      ['voice', 'Format MediaId MediaId16K MsgId#'],
      ['video', 'MediaId ThumbMediaId MsgId#'],
      ['link', 'Title Description Url MsgId#'],
      ['location', 'Location_X# Location_Y# Scale# Label MsgId#'],
    ],
  },
  { group: 'customer service', rows: [['user_enter_tempsession', 'SessionFrom']] },
  {
    group: 'subscribe message',
    rows: [
      ['subscribe_msg_popup_event', 'List[TemplateId SubscribeStatusString PopupScene]'],
      ['subscribe_msg_change_event', 'List[TemplateId SubscribeStatusString]'],
      ['subscribe_msg_sent_event', 'List[TemplateId MsgID ErrorCode ErrorStatus]'],
    ],
  },
  { group: 'service card', rows: [['notify_service_msg_send_result', 'openid notify_code notify_type# card_status# fail_ret# fail_msg']] },
  {
    group: 'content safety',
    rows: [
      ['wxa_media_check', 'appid trace_id version# errcode# errmsg result{suggest label#} detail[strategy errcode# suggest label# prob#]'],
    ],
  },
  {
    group: 'privacy',
    rows: [
      ['user_info_modified', 'OpenID AppID'],
      ['user_authorization_revoke', 'OpenID AppID RevokeInfo PluginID OpenPID'],
      ['user_authorization_cancellation', 'OpenID AppID PluginID OpenPID'],
    ],
  },
  {
    group: 'platform',
    rows: [
      [
        'wxa_punish_event',
        'event_type# punish_id appid punish_time# illegal_reason illegal_content[] rule_name rule_url adjust_guide_url detail',
      ],
      ['charge_mp_service_validity_notify', 'event_type# appid spu_id spu_name validity_end_time#'],
      ['debug_demo', 'debug_str'],
    ],
  },
  {
    group: 'shipping',
    rows: [
      ['trade_manage_remind_access_api', 'msg'],
      ['trade_manage_remind_shipping', 'transaction_id merchant_id sub_merchant_id merchant_trade_no pay_time# msg'],
      [
        'trade_manage_order_settlement',
        'transaction_id merchant_id sub_merchant_id merchant_trade_no pay_time# shipped_time# estimated_settlement_time#',
      ],
      ['wxa_trade_controlled', 'msg'],
    ],
  },
  {
    group: 'virtual payment',
    wants: 'err_code',
    schedule: 'virtual_payment',
    rows: [
      ['xpay_goods_deliver_notify', `${PAY} GoodsInfo{ProductId Quantity# OrigPrice# ActualPrice# Attach}`],
      ['xpay_coin_pay_notify', `${PAY} CoinInfo{Quantity# OrigPrice# ActualPrice# Attach}`],
      [
        'xpay_refund_notify',
        'OpenId WxRefundId MchRefundId WxOrderId MchOrderId RefundFee# RetCode# RetMsg RefundStartTimestamp# RefundSuccTimestamp# WxpayRefundTransactionId RetryTimes#',
      ],
      [
        'xpay_complaint_notify',
        'OpenId WxOrderId MchOrderId TransactionId ComplaintId ComplaintDetail ComplaintTime RetryTimes# RequestId',
      ],
      [
        'xpay_wxpay_callback_notify',
        'AppId NickName MerchantCode MerchantCompanyName BusinessTime BusinessCode BusinessState Remark EventType RetryTimes#',
      ],
      ['xpay_subscribe_signing_result_notify', 'Action UserOpenid OpenorcloseTime# ProductId OutContractCode ContractWxAppid'],
      [
        'xpay_subscribe_pay_fail_notify',
        `${PAY} GoodsInfo{ProductId Quantity# OrigPrice# ActualPrice# Attach SubscribePeriodDays#} ContractWxAppid`,
      ],
      [
        'xpay_apple_subscribe_signing_result_notify',
        'OpenId Attach AppleSubscriptionInfo{OriginalTransactionId ProductId AutoRenewStatus# RenewalDate# SignedTime#}',
      ],
      [
        'xpay_apple_subscribe_unsigning_result_notify',
        'OpenId Attach Action AppleSubscriptionInfo{OriginalTransactionId ProductId AutoRenewStatus# RenewalDate# UnsignedTime#}',
      ],
    ],
  },
  {
    group: 'virtual payment',
    wants: 'data',
    schedule: 'refund_question',
    rows: [
      [
        'xpay_subscribe_ios_refund_query_notify',
        'refund_time order_time channel_bill bundleid product_id p_count refund_request_reason provide_status pay_order_id',
      ],
    ],
  },
  {
    group: 'B2b payment',
    schedule: 'b2b',
    rows: [
      [
        'retail_pay_notify',
        'appid mchid out_trade_no order_id pay_status pay_time attach payer_openid amount{order_amount# payer_amount# currency} wxpay_transaction_id env#',
      ],
      [
        'retail_refund_notify',
        'appid mchid out_refund_no refund_id out_trade_no order_id refund_amount# order_amount# refund_from# refund_reason# create_time refund_time refund_status wxpay_refund_id env# pay_channel# refund_desc',
      ],
    ],
  },
  {
    group: 'complaints',
    rows: [
      [
        'complaint_callback',
        'BussiCallBackInfo{appid option_type# complaint_order_id# status# create_time# expire_time# type# order_id# out_trade_no phone_number open_id customer_material_content customer_material_media_id_list pay_time# total_cost# product_name history[time# content media_id_list]}',
      ],
    ],
  },
  { group: 'reviews', rows: [['wxa_comment_bad_score', 'result{comment_id}']] },
  {
    group: 'live',
    rows: [
      ['wxalive_follow_notify', 'FollowNotify{room_id# user_openid time# live_status# action#}'],
      [
        'wxalive_push_message_notify',
        'PushMessageApiNotify{message_id room_id# total_count# success_count# openid_error_count# relation_error_count# user_recv_limit_count# internal_error_count#}',
      ],
    ],
  },
  {
    group: 'logistics, merchant',
    rows: [
      ['add_express_path', 'DeliveryID WayBillId OrderId Version# Count# Actions[ActionTime# ActionType# ActionMsg]'],
      ['update_business_bind_result', 'errcode# errmsg delivery_id biz_id'],
      ['wxainsurance_claim_result', 'upload_event{OrderNo Status# FinishTime#}'],
    ],
  },
  {
    group: 'delivery, merchant',
    wants: 'data',
    rows: [
      [
        'update_waybill_status',
        'shopid shop_order_id shop_no waybill_id order_status# action_time# action_msg agent{name phone reach_time#}',
      ],
    ],
  },
  {
    group: 'logistics, carrier',
    wants: 'data',
    rows: [
      ['check_biz', 'BizID BizPwd ShopAppID ShopName ShopTelphone ShopContact ServiceName SenderAddress'],
      ['get_quota', 'BizID BizPwd ShopAppID'],
      [
        'add_waybill',
        `Token BizID BizPwd ShopAppID OrderID WayBillID Remark ${PEOPLE} Cargo{Weight# Count#} Insured{UseInsured# InsuredValue#} Service{ServiceType# ServiceName}`,
      ],
      ['cancel_waybill', 'BizID BizPwd ShopAppID OrderID WayBillID'],
      ['add_single_waybill', `Token WXAppId CompanyID Account AccountPwd OrderID ${GOODS} Insured{UseInsured# InsuredValue#}`],
      ['cancel_single_waybill', `${WAYBILL} CancelID# CancelReason`],
      ['query_single_waybill', WAYBILL],
      ['query_single_waybill_fee', `${GOODS} Scene#`],
      ['notify_single_waybill_pay', `${WAYBILL} Fee# OriginalFee# PayOrderId PayFinishTime#`],
      ['remind_waybill', WAYBILL],
      ['waybill_complaint', `${WAYBILL} ComplainType# Content Pic Name Phone`],
      ['waybill_evaluate_agent', `${WAYBILL} CourierType# Score#`],
      ['waybill_query_expect_time_range', 'WXAppId Province City Area Address'],
      ['waybill_notify_query', WAYBILL],
    ],
  },
  {
    group: 'delivery, carrier',
    wants: 'data',
    rows: [
      ['get_pre_auth_code', 'wx_appid'],
      ['get_auth_info', 'wx_appid code'],
      ['cancel_auth_account', 'shopid wx_appid'],
      ['transport_precreate_order', ORDER],
      ['transport_add_order', `wx_token ${ORDER}`],
      ['transport_readd_order', `wx_token ${ORDER}`],
      ['transport_add_tips', `${SHOP} waybill_id tips# remark`],
      ['transport_precancel_order', `${SHOP} waybill_id cancel_reason_id# cancel_reason`],
      ['transport_cancel_order', `${SHOP} waybill_id cancel_reason_id# cancel_reason`],
      ['transport_confirm_return_to_biz', `${SHOP} waybill_id`],
      ['transport_query_order_status', `${SHOP} waybill_id`],
      ['transport_get_agent_pos', 'shopid shop_order_id shop_no waybill_id'],
      ['transport_set_rider_score', `${SHOP} delivery_ontime_score# cargo_intact_score# attitude_score#`],
      ['mock_update_order_status', `${SHOP} order_status# action_time# action_msg`],
    ],
  },
  {
    group: 'short drama',
    rows: [
      ['secvod_upload_event', 'upload_event{media_id# source_context errcode# errmsg}'],
      ['secvod_audit_event', 'audit_event{drama_id# audit_detail{status# audit_type# create_time# audit_time#}}'],
    ],
  },
  {
    group: 'novel',
    rows: [
      ['secbook_audit_event', 'audit_event{book_id audit_detail{status# create_time# audit_time#}}'],
      ['book_ban_status_change', 'book_id'],
    ],
  },
  { group: 'novel', wants: 'data', rows: [['wxa_novel_chapter_permission', 'book_id chapter_id']] },
  { group: 'hardware', rows: [['iot_voip_notify', 'Action Payload RoomId SessionKey ServerToken ModelId Sn']] },
  { group: 'mini game', rows: [['minigame_coin_deliver_completed', 'MiniGame{Payload PayEventSig IsMock#}']] },
  {
    group: 'third-party platform',
    rows: [
      ['weapp_audit_success', 'SuccTime#'],
      ['weapp_audit_fail', 'FailTime# Reason ScreenShot'],
      ['weapp_audit_delay', 'DelayTime# Reason'],
      ['wxa_nickname_audit', 'nickname ret# reason'],
      ['wxa_category_audit', 'first# second# ret# reason'],
      ['wxa_privacy_apply', 'result_info{api_name audit_id# status# apply_time# audit_time# reason}'],
      ['wxa_illegal_record', 'illegal_record_id appid'],
      ['wxa_appeal_record', 'appeal_record_id# appid appeal_status#'],
    ],
  },
  {
    group: 'third-party platform',
    kind: 'info',
    rows: [
      ['component_verify_ticket', 'ComponentVerifyTicket'],
      ['authorized', 'AuthorizerAppid AuthorizationCode AuthorizationCodeExpiredTime#'],
      ['updateauthorized', 'AuthorizerAppid AuthorizationCode AuthorizationCodeExpiredTime#'],
      ['unauthorized', 'AuthorizerAppid'],
      ['notify_apply_icpfiling_result', 'authorizer_appid beian_status#'],
      ['notify_3rd_wxa_auth', 'appid taskid'],
      ['notify_3rd_wxa_wxverify', 'appid taskid'],
    ],
  },
  { group: 'old shop component', rows: [['open_product_order_pay', 'order_info{out_order_id order_id# transaction_id pay_time}']] },
  { group: 'cloud hosting', kind: 'probe', schedule: 'never', rows: [['CheckContainerPath', '']] },
];

export const PUSH_EVENTS: PushEvent[] = GROUPS.flatMap(({ group, kind = 'event', wants = 'nothing', schedule = 'usual', rows }) =>
  rows.map(([name, fields]) => ({ group, name, kind, wants, schedule, fields: read(fields) })),
);

/** The event of that name; one that is not on the list has no fields of its own. */
export function pushEvent(name: string): PushEvent {
  const unknown: PushEvent = { group: 'other', name, kind: 'event', fields: [], wants: 'nothing', schedule: 'usual' };
  return PUSH_EVENTS.find((event) => event.name === name) ?? unknown;
}

/** Reads the fields of a row. */
function read(text: string): Field[] {
  const tokens = text.match(/[^\s{}[\]]+|[{}[\]]/g) ?? [];
  const level = (): Field[] => {
    const fields: Field[] = [];
    for (let token = tokens.shift(); token !== undefined && token !== '}' && token !== ']'; token = tokens.shift()) {
      fields.push(field(token));
    }
    return fields;
  };
  const field = (token: string): Field => {
    if (tokens[0] !== '{' && tokens[0] !== '[') return { name: token.replace('#', ''), kinds: [token.endsWith('#') ? 'number' : 'string'] };
    const list = tokens.shift() === '[';
    const fields = level();
    return { name: token, list, kinds: [fields.length === 0 ? 'string' : 'object'], fields };
  };
  return level();
}
