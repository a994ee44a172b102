#!/usr/bin/env python3
from serving import serve

serve()
