# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The FTP site, set value by value: what is as it should be is left alone.
param (
    [Parameter(Mandatory)] [String] $Path,
    [Parameter(Mandatory)] [Int32] $Port,
    [Parameter(Mandatory)] [String] $Thumbprint,
    [Parameter(Mandatory)] [Int32] $FirstPort,
    [Parameter(Mandatory)] [Int32] $LastPort,
    [AllowEmptyString()] [String] $Address,
    [Parameter(Mandatory)] [Int32] $Sessions,
    [Parameter(Mandatory)] [String] $Writer,
    [Parameter(Mandatory)] [String] $Reader,
    [Parameter(Mandatory)] [String] $Pruner
)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
Import-Module -Name WebAdministration
$name = 'deadpool-store'
$site = "IIS:\Sites\$name"
$apphost = 'MACHINE/WEBROOT/APPHOST'

function Set-Wanted {
    param ([String] $Item, [String] $Key, $Value)
    if ((Get-ItemProperty -Path $Item -Name $Key).Value -ne $Value -and (Get-ItemProperty -Path $Item -Name $Key) -ne $Value) {
        Set-ItemProperty -Path $Item -Name $Key -Value $Value
        $Ansible.Changed = $true
    }
}

if (-not (Test-Path -Path $site)) {
    $null = New-WebFtpSite -Name $name -Port $Port -PhysicalPath $Path -Force
    $Ansible.Changed = $true
}
Set-Wanted -Item $site -Key physicalPath -Value $Path
Set-Wanted -Item $site -Key ftpServer.connections.maxConnections -Value $Sessions
Set-Wanted -Item $site -Key ftpServer.security.ssl.serverCertHash -Value $Thumbprint
Set-Wanted -Item $site -Key ftpServer.security.ssl.controlChannelPolicy -Value 'SslRequire'
Set-Wanted -Item $site -Key ftpServer.security.ssl.dataChannelPolicy -Value 'SslRequire'
Set-Wanted -Item $site -Key ftpServer.security.authentication.anonymousAuthentication.enabled -Value $false
Set-Wanted -Item $site -Key ftpServer.security.authentication.basicAuthentication.enabled -Value $true
Set-Wanted -Item $site -Key ftpServer.firewallSupport.externalIp4Address -Value $Address

$range = @{ PSPath = $apphost; Filter = 'system.ftpServer/firewallSupport' }
foreach ($pair in @(@('lowDataChannelPort', $FirstPort), @('highDataChannelPort', $LastPort))) {
    if ((Get-WebConfigurationProperty @range -Name $pair[0]).Value -ne $pair[1]) {
        Set-WebConfigurationProperty @range -Name $pair[0] -Value $pair[1]
        $Ansible.Changed = $true
    }
}

# What each may do below this, the rights of the folders say.
$rules = @{ PSPath = $apphost; Location = $name; Filter = 'system.ftpServer/security/authorization' }
$wanted = @{ $Writer = 'Write'; $Reader = 'Read'; $Pruner = 'Read, Write' }
$there = @(Get-WebConfigurationProperty @rules -Name '.').Collection
$as_wanted = @($there).Count -eq 3
foreach ($rule in $there) {
    if ($wanted[[String] $rule.users] -ne [String] $rule.permissions) { $as_wanted = $false }
}
if (-not $as_wanted) {
    Clear-WebConfiguration @rules
    foreach ($user in $wanted.Keys) {
        $value = @{ accessType = 'Allow'; users = $user; permissions = $wanted[$user] }
        Add-WebConfiguration @rules -Value $value
    }
    $Ansible.Changed = $true
}
if ($Ansible.Changed) { Restart-Service -Name ftpsvc }
