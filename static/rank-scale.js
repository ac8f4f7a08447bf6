// Where ranks are on the strip, the same as in voc_web/charts/rank_scale.py: from 0, before the first, to 1.

import { data } from "./operating-points.js";

const unit = 10;
const whole = Math.log1p(data.images / unit);
const isLinear = document.querySelector("[data-scale]").dataset.scale === "linear";

export const positionOf = (ranks) =>
  isLinear ? ranks / data.images : Math.log1p(ranks / unit) / whole;

export const ranksAt = (position) =>
  isLinear ? position * data.images : unit * Math.expm1(position * whole);

// The sliders have a linear range, of as many units as there are images.
export const sliderValue = (ranks) => data.images * positionOf(ranks);
export const sliderRanks = (slider) => Math.round(ranksAt(Number(slider.value) / data.images));
