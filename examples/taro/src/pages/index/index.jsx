import { Button, Text, View } from '@tarojs/components';
import Taro, { useDidShow, useShareAppMessage } from '@tarojs/taro';
import { useState } from 'react';
import { buildPath, phonePage } from 'wxedge/weixin';

import { currentLaunch } from '../../launch.js';
import { session } from '../../session.js';

const HERE = '/pages/index/index';

export default function Index() {
  const [launch, setLaunch] = useState({ from: '', params: '' });
  const [message, setMessage] = useState('');

  useDidShow(async () => {
    try {
      const { from, params } = await currentLaunch();
      setLaunch({ from, params: JSON.stringify(params) });
    } catch (error) {
      setMessage(`${error.code}: ${error.message}`);
    }
  });

  useShareAppMessage(() => ({ title: 'wxedge', path: buildPath(HERE, { from: 'share' }) }));

  async function logIn() {
    try {
      setMessage(`openid ${(await session()).openid}`);
    } catch (error) {
      setMessage(`${error.code}: ${error.message}`);
    }
  }

  function askForPhone() {
    Taro.navigateTo({ url: phonePage('/pages/phone/phone', { from: HERE, redirect: HERE }) });
  }

  return (
    <View className="card">
      <Text className="title">启动参数</Text>
      <Text className="line">{launch.params}</Text>
      <Text className="line">{launch.from}</Text>
      <Button className="go" onClick={logIn}>
        登录
      </Button>
      <Button className="go" onClick={askForPhone}>
        绑定手机号
      </Button>
      <Button className="go" openType="share">
        分享
      </Button>
      <Text className="line">{message}</Text>
    </View>
  );
}
