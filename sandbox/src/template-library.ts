// What an account can choose its templates from: a few public ones, with keywords of every kind that there is.

/** What a keyword's value must look like; `template-values.ts` has the rules. */
export type ValueRule =
  | 'thing'
  | 'number'
  | 'letter'
  | 'symbol'
  | 'character_string'
  | 'time'
  | 'date'
  | 'amount'
  | 'phone_number'
  | 'car_number'
  | 'name'
  | 'phrase'
  | 'enum';

export type Keyword = { kid: number; name: string; example: string; rule: ValueRule; values?: string[] };

/** `type`: 2 for one message after each permission, 3 for as many as one likes. */
export type PublicTemplate = { tid: number; title: string; type: 2 | 3; categoryId: number; keywords: Keyword[] };

export const CATEGORIES = [
  { id: 307, name: '服装/鞋/箱包' },
  { id: 616, name: '公交' },
  { id: 145, name: '办公' },
];

export const PUBLIC_TEMPLATES: PublicTemplate[] = [
  {
    tid: 1001,
    title: '订单发货通知',
    type: 2,
    categoryId: 307,
    keywords: [
      { kid: 1, name: '订单号', example: '20260302123456', rule: 'character_string' },
      { kid: 2, name: '商品名称', example: '羊毛围巾', rule: 'thing' },
      { kid: 3, name: '订单金额', example: '¥89.9', rule: 'amount' },
      { kid: 4, name: '发货时间', example: '2026年3月2日 12:00', rule: 'date' },
      { kid: 5, name: '收货人', example: '张三', rule: 'name' },
      { kid: 6, name: '联系电话', example: '020-81167888', rule: 'phone_number' },
      { kid: 7, name: '订单状态', example: '已发货', rule: 'phrase' },
    ],
  },
  {
    tid: 1002,
    title: '车辆到站提醒',
    type: 3,
    categoryId: 616,
    keywords: [
      { kid: 1, name: '车牌号', example: '粤A8Z888挂', rule: 'car_number' },
      { kid: 2, name: '到站时间', example: '12:00', rule: 'time' },
      { kid: 3, name: '剩余站数', example: '3', rule: 'number' },
      { kid: 4, name: '线路', example: 'B', rule: 'letter' },
      { kid: 5, name: '拥挤程度', example: '舒适', rule: 'enum', values: ['舒适', '一般', '拥挤'] },
    ],
  },
  {
    tid: 1003,
    title: '会议通知',
    type: 2,
    categoryId: 145,
    keywords: [
      { kid: 1, name: '会议主题', example: '周例会', rule: 'thing' },
      { kid: 2, name: '会议时间', example: '2026-03-02 14:00~15:00', rule: 'time' },
      { kid: 3, name: '会议地点', example: '三楼会议室', rule: 'thing' },
      { kid: 4, name: '重要程度', example: '!!!', rule: 'symbol' },
    ],
  },
];

/** The key of a keyword in a message, such as `thing1`. */
export function keyOf({ rule, kid }: Keyword): string {
  return `${rule}${kid}`;
}
