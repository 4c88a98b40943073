# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# A hard quota of the File Server Resource Manager on the folder.
param (
    [Parameter(Mandatory)] [String] $Path,
    [Parameter(Mandatory)] [Int64] $Gigabytes
)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
$size = $Gigabytes * 1073741824
$found = Get-FsrmQuota -Path $Path -ErrorAction SilentlyContinue
if (-not $found) {
    $null = New-FsrmQuota -Path $Path -Size $size
    $Ansible.Changed = $true
} elseif ($found.Size -ne $size -or $found.SoftLimit) {
    $hard = @{ Path = $Path; Size = $size; SoftLimit = $false }
    Set-FsrmQuota @hard
    $Ansible.Changed = $true
}
