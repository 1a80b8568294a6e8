import { useDidShow, useLaunch } from '@tarojs/taro';

import { keepLaunch } from './launch.js';
import './app.css';

export default function App({ children }) {
  // A cold start calls both with the same options; a hot one, such as a second scan, only useDidShow.
  useLaunch(keepLaunch);
  useDidShow(keepLaunch);
  return children;
}
