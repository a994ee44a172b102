#!/usr/bin/env python3
from training import Training

Training().run()
