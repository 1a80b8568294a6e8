import * as wasm from "./wxedge_bg.wasm";
import { __wbg_set_wasm } from "./wxedge_bg.js";

__wbg_set_wasm(wasm);

export {
    buildQuery, buildRequest, parseLaunch, parseQ, parseQuery, parseScene, sceneInfo
} from "./wxedge_bg.js";
