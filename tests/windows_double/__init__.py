# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stand-in for the transport to a Windows host, and for the contract of the few modules that we ask there.

It is no Windows and runs no PowerShell. Real ansible-core, pywinrm and ansible.windows talk WS-Management to it; it
takes their payloads apart, and answers for the modules and scripts that it knows by doing the same on a folder. What it
does not know it refuses, and the test that caused it fails.
"""
