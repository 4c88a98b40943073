# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Switches off the rules of these groups that let in everybody.
param ([Parameter(Mandatory)] [String[]] $Groups)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
foreach ($group in $Groups) {
    $open = @(Get-NetFirewallRule -DisplayGroup $group -ErrorAction SilentlyContinue | Where-Object { $_.Enabled -eq 'True' })
    if ($open.Count -gt 0) {
        $open | Disable-NetFirewallRule
        $Ansible.Changed = $true
    }
}
