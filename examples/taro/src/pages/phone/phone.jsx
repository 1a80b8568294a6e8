import { Button, Text, View } from '@tarojs/components';
import Taro, { useLoad } from '@tarojs/taro';
import { useRef, useState } from 'react';
import { parseLaunch, phoneResult } from 'wxedge/weixin';

import { loaded } from '../../launch.js';
import { phoneNumber } from '../../session.js';

// A page of its own: it is told where the user came from, for a refusal, and where to go on, for a consent.
export default function Phone() {
  const came = useRef({});
  const [message, setMessage] = useState('');

  useLoad(async (query) => {
    await loaded();
    came.current = parseLaunch({ query }).query;
  });

  async function answered({ detail }) {
    await loaded();
    const result = phoneResult(detail);
    if (result.refused) return Taro.navigateBack();
    if (!result.code) return setMessage(result.out_of_quota ? '验证次数已用完' : result.failed);
    try {
      const { purePhoneNumber } = await phoneNumber(result.code);
      Taro.setStorageSync('phone', purePhoneNumber);
      Taro.redirectTo({ url: came.current.redirect });
    } catch (error) {
      setMessage(`${error.code}: ${error.message}`);
    }
  }

  return (
    <View className="card">
      <Text className="title">绑定手机号</Text>
      <Text className="line">用于订单通知。</Text>
      <Button className="go" openType="getPhoneNumber" onGetPhoneNumber={answered}>
        同意
      </Button>
      <Text className="line">{message}</Text>
    </View>
  );
}
