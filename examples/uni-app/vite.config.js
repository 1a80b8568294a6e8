import uni from '@dcloudio/vite-plugin-uni';
import wxedge from 'wxedge/vite';

export default { plugins: [uni(), wxedge()] };
