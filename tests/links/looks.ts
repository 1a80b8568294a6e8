// What can be measured of how a page looks: contrast, size of what is tapped, what does not fit.
import type { Page } from 'playwright-core';

/** Source: WCAG 2.2, 1.4.3. Large text may have less; none of ours does. */
const LEAST_CONTRAST = 4.5;
/** Source: WCAG 2.2, 2.5.5, and the interface guidelines of iOS. In CSS pixels. */
const LEAST_TARGET = 44;

/** Every visible text with too little contrast, everything to tap that is too small, and anything that overflows. */
export function flaws(page: Page): Promise<string[]> {
  const limits = { contrast: LEAST_CONTRAST, target: LEAST_TARGET };
  return page.evaluate(({ contrast, target }) => {
    type Colour = [number, number, number];
    const parse = (text: string): { colour: Colour; alpha: number } => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return { colour: [red, green, blue], alpha };
    };
    const backgroundOf = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255];
      const { colour, alpha } = parse(getComputedStyle(element).backgroundColor);
      return alpha === 1 ? colour : backgroundOf(element.parentElement);
    };
    const luminance = (colour: Colour): number => {
      const [red = 0, green = 0, blue = 0] = colour.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrastOf = (element: Element): number => {
      const text = luminance(parse(getComputedStyle(element).color).colour);
      const ground = luminance(backgroundOf(element));
      return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    };
    const found: string[] = [];
    const visible = [...document.querySelectorAll('main *')].filter((element) => element.getClientRects().length > 0);
    for (const element of visible) {
      const name = `${element.tagName.toLowerCase()} "${element.textContent?.trim().slice(0, 20)}"`;
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      if (hasText && contrastOf(element) < contrast) found.push(`${name} has a contrast of ${contrastOf(element).toFixed(2)}`);
      const { width, height } = element.getBoundingClientRect();
      const isTapped = ['A', 'BUTTON', 'SUMMARY'].includes(element.tagName);
      if (isTapped && Math.min(width, height) < target) found.push(`${name} is ${width} by ${height}`);
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide on a screen of ${clientWidth}`);
    return found;
  }, limits);
}
